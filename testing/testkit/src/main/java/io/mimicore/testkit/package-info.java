/// Fakes, clocks and waiting for the tests of every module.
@NullMarked
package io.mimicore.testkit;

import org.jspecify.annotations.NullMarked;
