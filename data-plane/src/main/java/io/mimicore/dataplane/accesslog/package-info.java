/// One line of JSON for each request, written off the event loops. Start with [AccessLog].
@NullMarked
package io.mimicore.dataplane.accesslog;

import org.jspecify.annotations.NullMarked;
