package io.mimicore.dataplane.link;

import io.mimicore.dataplane.render.CodeInvocation;
import io.mimicore.dataplane.render.Node;
import io.mimicore.ir.FunctionSignature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The calls of a route and which waits for which. Immutable.
///
/// A step may start as soon as every step whose result it reads is done; steps that do not read
/// each other's results run in parallel.
public final class StepPlan {
    /// No calls.
    public static final StepPlan NONE = new StepPlan(List.of());

    private final List<PlannedStep> steps;

    private StepPlan(List<PlannedStep> steps) {
        this.steps = List.copyOf(steps);
    }

    /// The plan of these calls, or `null` when some wait for each other.
    static @Nullable StepPlan of(
            List<CodeInvocation> invocations, List<FunctionSignature> functions) {
        if (invocations.isEmpty()) {
            return NONE;
        }
        Map<Integer, Integer> writers = new HashMap<>();
        for (int i = 0; i < invocations.size(); i++) {
            writers.put(invocations.get(i).slot(), i);
        }
        List<List<Integer>> next = new ArrayList<>();
        int[] waits = new int[invocations.size()];
        invocations.forEach(_ -> next.add(new ArrayList<>()));
        for (int i = 0; i < invocations.size(); i++) {
            BitSet reads = invocations.get(i).reads();
            for (int slot = reads.nextSetBit(0); slot >= 0; slot = reads.nextSetBit(slot + 1)) {
                Integer writer = writers.get(slot);
                if (writer != null) {
                    next.get(writer).add(i);
                    waits[i]++;
                }
            }
        }
        if (hasCycle(next, waits)) {
            return null;
        }
        List<PlannedStep> steps = new ArrayList<>();
        for (int i = 0; i < invocations.size(); i++) {
            CodeInvocation call = invocations.get(i);
            String name = functions.get(call.function()).name();
            var action = new Action.Code(call.function(), name, call.arguments());
            steps.add(new PlannedStep(call.slot(), action, waits[i], next.get(i)));
        }
        return new StepPlan(steps);
    }

    /// Every step; [PlannedStep#next()] counts in this order.
    public List<PlannedStep> steps() {
        return steps;
    }

    /// Whether there is nothing to call.
    public boolean isEmpty() {
        return steps.isEmpty();
    }

    private static boolean hasCycle(List<List<Integer>> next, int[] waits) {
        int[] left = waits.clone();
        Deque<Integer> ready = new ArrayDeque<>();
        for (int i = 0; i < left.length; i++) {
            if (left[i] == 0) {
                ready.add(i);
            }
        }
        int done = 0;
        while (!ready.isEmpty()) {
            done++;
            for (int follower : next.get(ready.remove())) {
                if (--left[follower] == 0) {
                    ready.add(follower);
                }
            }
        }
        return done < left.length;
    }

    /// One step.
    ///
    /// @param slot gets the result
    /// @param waitsFor number of steps that must be done first
    /// @param next indexes of the steps that wait for this one
    public record PlannedStep(int slot, Action action, int waitsFor, List<Integer> next) {
        public PlannedStep {
            next = List.copyOf(next);
        }
    }

    /// What a step does.
    public sealed interface Action {
        /// Calls user code.
        ///
        /// @param function index into the API's functions
        /// @param name the function's name
        record Code(int function, String name, List<Node> arguments) implements Action {
            public Code {
                arguments = List.copyOf(arguments);
            }
        }
    }
}
