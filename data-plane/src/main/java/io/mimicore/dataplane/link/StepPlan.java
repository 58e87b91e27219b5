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
import java.util.Objects;
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
        return of(invocations, functions, List.of());
    }

    /// The plan of these calls, or `null` when some wait for each other.
    static @Nullable StepPlan of(
            List<CodeInvocation> invocations,
            List<FunctionSignature> functions,
            List<UpstreamPlan> upstreams) {
        List<Draft> drafts = new ArrayList<>();
        // Upstreams first: they are the slowest, and their requests are on the way meanwhile.
        for (UpstreamPlan plan : upstreams) {
            drafts.add(
                    new Draft(
                            plan.slots().body(),
                            plan.slots().all(),
                            plan.reads(),
                            new Action.Upstream(plan)));
        }
        for (CodeInvocation call : invocations) {
            String name = functions.get(call.function()).name();
            BitSet writes = new BitSet();
            writes.set(call.slot());
            drafts.add(
                    new Draft(
                            call.slot(),
                            writes,
                            call.reads(),
                            new Action.Code(call.function(), name, call.arguments())));
        }
        return plan(drafts);
    }

    /// A step that does not know the others yet.
    private record Draft(int slot, BitSet writes, BitSet reads, Action action) {}

    /// For each slot, who fills it.
    private static Map<Integer, Integer> writers(List<Draft> drafts) {
        Map<Integer, Integer> writers = new HashMap<>();
        for (int i = 0; i < drafts.size(); i++) {
            int writer = i;
            drafts.get(i).writes().stream().forEach(slot -> writers.put(slot, writer));
        }
        return writers;
    }

    private static @Nullable StepPlan plan(List<Draft> drafts) {
        if (drafts.isEmpty()) {
            return NONE;
        }
        List<List<Integer>> next = new ArrayList<>();
        int[] waits = new int[drafts.size()];
        drafts.forEach(_ -> next.add(new ArrayList<>()));
        Map<Integer, Integer> writers = writers(drafts);
        for (int i = 0; i < drafts.size(); i++) {
            // A call whose body and status are both read is waited for once.
            BitSet before = new BitSet();
            drafts.get(i).reads().stream()
                    .mapToObj(writers::get)
                    .filter(Objects::nonNull)
                    .forEach(before::set);
            waits[i] = before.cardinality();
            int reader = i;
            before.stream().forEach(writer -> next.get(writer).add(reader));
        }
        if (hasCycle(next, waits)) {
            return null;
        }
        List<PlannedStep> steps = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            steps.add(new PlannedStep(draft.slot(), draft.action(), waits[i], next.get(i)));
        }
        return new StepPlan(steps);
    }

    /// Every step; [PlannedStep#next()] counts in this order.
    public List<PlannedStep> steps() {
        return steps;
    }

    /// Whether user code is among them.
    boolean callsCode() {
        return steps.stream().anyMatch(step -> step.action() instanceof Action.Code);
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
        /// Calls an upstream.
        record Upstream(UpstreamPlan plan) implements Action {}

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
