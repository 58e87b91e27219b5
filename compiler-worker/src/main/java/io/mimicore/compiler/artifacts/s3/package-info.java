/// The artifact store of a fleet: a bucket of an S3 service.
@NullMarked
package io.mimicore.compiler.artifacts.s3;

import org.jspecify.annotations.NullMarked;
