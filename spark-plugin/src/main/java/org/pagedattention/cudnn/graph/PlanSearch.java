package org.pagedattention.cudnn.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.cudnn.library.CudnnHandle;

/** Asks cuDNN's heuristics for engines and takes the first that builds. */
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
     * The first plan that builds.
     *
     * @param inputs tensors that a launch must name
     * @param parts what the graph consists of, newest first; moved into the plan
     */
    ExecutionPlan best(List<TensorId> inputs, Deque<Descriptor> parts) {
        List<CudnnException> refusals = new ArrayList<>();
        for (long mode : MODES) {
            Deque<Descriptor> made = new ArrayDeque<>();
            try {
                Descriptor plan = firstThatBuilds(mode, made);
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

    private Descriptor firstThatBuilds(long mode, Deque<Descriptor> made) {
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
        for (int i = 0; i < found; i++) {
            try {
                return build(configs[i], made);
            } catch (CudnnException e) {
                refusal = e;
            }
        }
        throw refusal;
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
