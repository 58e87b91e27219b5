/// Contract tests that every adapter of a store passes, unchanged.
@NullMarked
package io.mimicore.testkit.contract;

import org.jspecify.annotations.NullMarked;
