package org.pagedattention.cudnn.models;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.library.CudnnException;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * What a pass will do, step by step, and the memory that it will take: known before any of it is done. All graphs have
 * plans by then.
 */
final class Recipe implements AutoCloseable {
    /** Rows behind the last that a page may reach into. */
    static final int SLACK_ROWS = 64;

    private final SharedDevice device;
    private final RowBuckets buckets;
    private final boolean ahead;
    private final Arena arena = new Arena();
    private final Deque<Set<Region>> scopes = new ArrayDeque<>(List.of(new HashSet<>()));
    private final List<Step> steps = new ArrayList<>();
    private final Map<GraphKey, PlanCache.Planned<?>> graphs = new LinkedHashMap<>();
    private final Map<Object, Tables> tables = new HashMap<>();
    private final MemoryPlan hostTables = new MemoryPlan();
    private final MemoryPlan deviceTables = new MemoryPlan();
    private final List<MemoryBlock> inputs = new ArrayList<>();
    private long workspaceBytes;
    private @Nullable CudnnKept kept;
    private @Nullable CudnnKept past;

    /**
     * Tables of attention, which all layers share.
     *
     * @param hostAt where they begin among all tables on the host
     * @param deviceAt where they begin among all tables on the device
     */
    record Tables(Attention.Planned planned, long hostAt, long deviceAt) {}

    /** What attentions that share tables have in common; a batch is equal to itself alone. */
    private record TablesKey(AttentionSpec spec, PagedBatch pages, RowStrides strides, boolean roomy) {}

    /**
     * @param ahead whether it is never run, and only has plans built that others may need; then it waits for none of them
     */
    Recipe(SharedDevice device, RowBuckets buckets, boolean ahead) {
        this.device = device;
        this.buckets = buckets;
        this.ahead = ahead;
    }

    SharedDevice device() {
        return device;
    }

    /** Pinned memory for an input, until the pass is closed. */
    MemoryBlock input(long bytes) {
        device.bind();
        MemoryBlock block = device.pinned().acquire(Math.max(1, bytes));
        inputs.add(block);
        return block;
    }

    /** A tensor of the innermost scope; what it holds is garbage. */
    DeviceTensor make(int rows, int columns, ElementType type) {
        return make(rows, columns, type, 0L);
    }

    /**
     * The same.
     *
     * @param room rows that it has memory for, if that is more than it takes anyway
     */
    DeviceTensor make(int rows, int columns, ElementType type, long room) {
        return make(scopes.getFirst(), rows, columns, type, DeviceTensor.padded(columns), room);
    }

    /** A tensor that nobody gives back before the pass ends. */
    DeviceTensor makeForAll(int rows, int columns, ElementType type) {
        return make(scopes.getLast(), rows, columns, type, DeviceTensor.padded(columns), 0);
    }

    /** A tensor of one number a row, rows end to end. */
    DeviceTensor makeColumn(int rows) {
        return make(scopes.getFirst(), rows, 1, ElementType.FP32, 1, 0);
    }

    private DeviceTensor make(Set<Region> scope, int rows, int columns, ElementType type, int stride, long room) {
        long rowBytes = (long) stride * type.bytes();
        long needed = Math.max(buckets.rows(rows), (long) rows + SLACK_ROWS);
        long bytes = Math.max(needed, room) * rowBytes;
        Region region = new Region(arena.take(bytes), bytes, rowBytes);
        scope.add(region);
        return new DeviceTensor(region, 0, Shape.of(rows, columns), type, stride);
    }

    /** Does {@code work} and gives back the memory of all that it made, but for what it returns. */
    DeviceTensor scope(Supplier<DeviceTensor> work) {
        scopes.push(new HashSet<>());
        DeviceTensor kept = work.get();
        Set<Region> made = scopes.pop();
        if (made.remove(kept.region())) {
            scopes.getFirst().add(kept.region());
        }
        made.forEach(region -> arena.giveBack(region.at(), region.bytes()));
        return kept;
    }

    /** Gives the memory of a tensor of the innermost scope back; columns of another give nothing back. */
    void release(DeviceTensor tensor) {
        if (tensor.isView()) {
            return;
        }
        if (!scopes.getFirst().remove(tensor.region())) {
            throw new IllegalArgumentException(
                    "a tensor " + tensor.shape() + " was not made in the scope that releases it");
        }
        arena.giveBack(tensor.region().at(), tensor.region().bytes());
    }

    /** Has runs use what an earlier pass has left, on its lane. */
    void goOnBehind(CudnnKept left) {
        past = left;
    }

    /** What an earlier pass has left; null for nothing. */
    @Nullable
    CudnnKept past() {
        return past;
    }

    /** The lane of a run. */
    Lane lane() {
        return past == null ? device.nextLane() : past.lane();
    }

    /** Has tokens kept, for which a run takes memory. */
    void keep(CudnnKept tokens) {
        kept = tokens;
    }

    /** What a run takes memory for that stays behind it; null for nothing. */
    @Nullable
    CudnnKept kept() {
        return kept;
    }

    void add(Step step) {
        steps.add(step);
    }

    /** Whether kernels are chosen without measuring, so that all processes choose the same. */
    boolean steady() {
        return buckets.equals(RowBuckets.STEADY);
    }

    /** Rows of one launch over {@code rows}. */
    int launchRows(int rows) {
        return buckets.launchRows(rows);
    }

    /** Adds the launches of a graph over {@code rows}, which {@link #takes}. */
    void launch(GraphKey key, int rows, Step.At... at) {
        steps.add(new Step.Launch(key, List.of(at), buckets.launches(rows), buckets.launchRows(rows)));
    }

    /** Sees to a plan; false where cuDNN has none. */
    boolean takes(GraphKey key) {
        if (graphs.containsKey(key)) {
            return true;
        }
        if (ahead) {
            device.plans().prepare(key);
            return true;
        }
        try {
            need(device.plans().plan(key));
            return true;
        } catch (CudnnException e) {
            if (!e.notSupported()) {
                throw e;
            }
            return false;
        }
    }

    /** What a launch of a graph took, which {@link #takes}; infinite where nobody measured it, and 0 of plans to come. */
    float millis(GraphKey key) {
        PlanCache.Planned<?> planned = graphs.get(key);
        if (ahead) {
            return 0;
        }
        if (planned == null) {
            throw new IllegalStateException("no plan asked for " + key);
        }
        return planned.millis();
    }

    /** As {@link #takes}, where nothing else would do. */
    void require(GraphKey key) {
        if (!takes(key)) {
            throw new IllegalArgumentException("cuDNN " + device.version() + " has no kernel on this GPU for " + key
                    + ": install a newer cuDNN, or set spark.pagedAttention.backend to cpu");
        }
    }

    private void need(PlanCache.Planned<?> planned) {
        graphs.put(planned.key(), planned);
        workspaceBytes = Math.max(workspaceBytes, planned.workspaceBytes());
    }

    /** A matrix of {@code rows} rows, brought there by {@code runs}. */
    DeviceTensor gather(DeviceTensor x, int rows, List<RowRun> runs) {
        DeviceTensor gathered = make(rows, x.columns(), x.type());
        if (gathered.width() > x.columns()) {
            add(new Step.Clear(gathered.region(), 0, rows));
        }
        add(new Step.Gather(x, gathered, runs));
        return gathered;
    }

    /** The tables for attention over {@code pages}, made when first asked for; parameters as for {@link Attention#plan}. */
    Tables tables(Attention attention, AttentionSpec spec, PagedBatch pages, RowStrides strides, boolean roomy) {
        return tables.computeIfAbsent(new TablesKey(spec, pages, strides, roomy), key -> {
            Attention.Planned planned = attention.plan(spec, pages, strides, roomy);
            planned.graphs().forEach(this::need);
            return new Tables(
                    planned, hostTables.append(planned.hostBytes()), deviceTables.append(planned.deviceBytes()));
        });
    }

    List<Step> steps() {
        return Collections.unmodifiableList(steps);
    }

    Collection<Tables> allTables() {
        return tables.values();
    }

    Collection<PlanCache.Planned<?>> graphs() {
        return graphs.values();
    }

    /** Pinned memory for all tables. */
    long hostBytes() {
        return hostTables.bytes();
    }

    /** Where tables begin in the memory of a run, behind all tensors. */
    long tablesAt() {
        return arena.bytes();
    }

    /** Where the workspace that all launches share begins. */
    long workspaceAt() {
        return tablesAt() + deviceTables.bytes();
    }

    /** Device memory of a run. */
    long bytes() {
        return workspaceAt() + workspaceBytes;
    }

    @Override
    public void close() {
        inputs.forEach(MemoryBlock::close);
        inputs.clear();
    }
}
