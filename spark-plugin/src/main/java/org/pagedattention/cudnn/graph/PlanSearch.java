package org.pagedattention.cudnn.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.cudnn.library.CudnnHandle;

/** Asks cuDNN's heuristics for engines and builds what they name. */
final class PlanSearch {
    /** {@code cudnnBackendHeurMode_t}, in the order to ask: best guess, then whatever works. */
    private static final long[] MODES = {3, 2};

    private final CudnnHandle handle;
    private final Descriptor graph;
    private final Scratch scratch;

    PlanSearch(CudnnHandle handle, Descriptor graph, Scratch scratch) {
        this.handle = handle;
        this.graph = graph;
        this.scratch = scratch;
    }

    /**
     * The plan that {@code choice} takes among the first that build.
     *
     * @param inputs tensors that a launch must name
     * @param parts what the graph consists of, newest first; moved into the plan
     */
    ExecutionPlan best(List<TensorId> inputs, Deque<Descriptor> parts, PlanChoice choice) {
        List<CudnnException> refusals = new ArrayList<>();
        for (long mode : MODES) {
            Deque<Descriptor> made = new ArrayDeque<>();
            try {
                Descriptor plan = chosen(firstThatBuild(mode, made, choice.most()), inputs, choice);
                Deque<Descriptor> all = new ArrayDeque<>(made);
                all.addAll(parts);
                ExecutionPlan result = new ExecutionPlan(plan, inputs, all);
                parts.clear();
                return result;
            } catch (CudnnException e) {
                refusals.add(e);
                GraphBuilder.closeAll(made);
            } catch (RuntimeException e) {
                GraphBuilder.closeAll(made);
                throw e;
            }
        }
        CudnnException last = refusals.get(refusals.size() - 1);
        refusals.stream().filter(refusal -> refusal != last).forEach(last::addSuppressed);
        throw last;
    }

    private static Descriptor chosen(List<Descriptor> plans, List<TensorId> inputs, PlanChoice choice) {
        return plans.get(choice.of(plans.stream()
                .map(plan -> new ExecutionPlan(plan, inputs, new ArrayDeque<>()))
                .toList()));
    }

    /** At least one. */
    private List<Descriptor> firstThatBuild(long mode, Deque<Descriptor> made, int most) {
        Descriptor heuristic = own(made, DescriptorType.ENGINEHEUR)
                .set(Attribute.ENGINEHEUR_OPERATION_GRAPH, graph)
                .set(Attribute.ENGINEHEUR_MODE, mode)
                .finish();
        Descriptor[] configs = new Descriptor[heuristic.count(Attribute.ENGINEHEUR_RESULTS)];
        for (int i = 0; i < configs.length; i++) {
            configs[i] = own(made, DescriptorType.ENGINECFG);
        }
        int found = configs.length == 0 ? 0 : heuristic.get(Attribute.ENGINEHEUR_RESULTS, configs);
        CudnnException refusal = new CudnnException("cuDNN knows no engine for this graph", 3000);
        List<Descriptor> plans = new ArrayList<>();
        for (int i = 0; i < found && plans.size() < most; i++) {
            try {
                plans.add(build(configs[i], made));
            } catch (CudnnException e) {
                refusal = e;
            }
        }
        if (plans.isEmpty()) {
            throw refusal;
        }
        return plans;
    }

    private Descriptor build(Descriptor config, Deque<Descriptor> made) {
        return own(made, DescriptorType.EXECUTION_PLAN)
                .set(Attribute.EXECUTION_PLAN_HANDLE, handle.value())
                .set(Attribute.EXECUTION_PLAN_ENGINE_CONFIG, config)
                .finish();
    }

    private Descriptor own(Deque<Descriptor> made, DescriptorType type) {
        Descriptor descriptor = new Descriptor(type, scratch);
        made.push(descriptor);
        return descriptor;
    }
}
