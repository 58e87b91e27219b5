/// The way of a request from its head to its answer. Start with [RequestPipeline].
///
/// Host and path, CORS, rate limit, body, validation, extraction, calls, delay, response: each as
/// soon as what it names is known. Everything runs on the exchange's event loop and nothing waits.
@NullMarked
package io.mimicore.dataplane.pipeline;

import org.jspecify.annotations.NullMarked;
