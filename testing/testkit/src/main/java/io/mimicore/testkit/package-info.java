/// What tests of several modules share: waiting on conditions, contract tests, real processes.
@NullMarked
package io.mimicore.testkit;

import org.jspecify.annotations.NullMarked;
