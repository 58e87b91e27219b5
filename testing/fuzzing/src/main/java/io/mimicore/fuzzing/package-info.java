/// The share of fuzzing that every build can afford: seeded inputs for the targets of fuzz tests.
///
/// For tests of every module, the model's included: nothing of Mimicore is used here.
@NullMarked
package io.mimicore.fuzzing;

import org.jspecify.annotations.NullMarked;
