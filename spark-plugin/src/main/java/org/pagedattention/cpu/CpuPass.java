package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Fit;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Rotary;
import org.pagedattention.backend.RowTable;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** Computes each operation when it is called, in pooled memory of the heap. */
final class CpuPass implements Pass {
    /** As torch's normalize does. */
    private static final double LEAST_LENGTH = 1e-12;

    private final CpuModels backend;
    private final PagedBatch pages;
    private final BufferPool buffers;
    private final CpuHistory history;
    /** Token slots that the page tables name. */
    private final int slots;

    private final Map<Rotary, RotaryTable> rotaries = new HashMap<>();
    /** What was made in each scope, the innermost first. */
    private final Deque<Set<CpuTensor>> scopes = new ArrayDeque<>(List.of(newScope()));

    CpuPass(CpuModels backend, PagedBatch pages, BufferPool buffers, CpuHistory history) {
        this.backend = backend;
        this.pages = pages;
        this.buffers = buffers;
        this.history = history;
        slots = pages.usedSlots();
    }

    @Override
    public Tensor upload(Shape shape, Consumer<ByteBuffer> writer) {
        CpuTensor made = make(shape.rows(), shape.columns());
        int bytes = Math.toIntExact(shape.elements() * Float.BYTES);
        writer.accept(made.bytes().slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN));
        return made;
    }

    @Override
    public Tensor lookup(Weight table, int[] rows) {
        Fit.below(table.shape().rows(), rows, "row");
        CpuTensor y = make(rows.length, table.shape().columns());
        shareRows(rows.length, i -> {
            float[] row = new float[y.columns()];
            ((RowTable) table).read(rows[i], row);
            y.write(i, 1, row);
        });
        return y;
    }

    @Override
    public Tensor linear(
            Tensor x, Weight weight, @Nullable Weight bias, Activation activation, @Nullable Tensor residual) {
        PackedMatrix matrix = ((CpuWeight) weight).matrix();
        Fit.columns(x, matrix.in(), "x of a linear layer " + weight.shape());
        CpuTensor y = make(own(x).rows(), matrix.out());
        if (residual != null) {
            Fit.same(y.shape(), residual);
        }
        float[] vector = bias == null ? null : ((CpuWeight) bias).vector(matrix.out());
        CpuTensor added = residual == null ? null : own(residual);
        DenseWorker.Layer layer = new DenseWorker.Layer(own(x), matrix, vector, activation, added, y);
        backend.compute(y.rows(), (worker, block) -> worker.compute(layer, block));
        return y;
    }

    @Override
    public Tensor norm(Norm norm, Tensor x) {
        float[] gain = ((CpuWeight) norm.gain()).vector();
        Fit.multiple(x, gain.length, "x of a norm");
        float[] bias = norm.bias() == null ? null : ((CpuWeight) norm.bias()).vector(gain.length);
        CpuTensor y = make(own(x).rows(), own(x).columns());
        backend.compute(
                y.rows(), (worker, block) -> worker.norm(norm.kind(), own(x), gain, bias, norm.epsilon(), y, block));
        return y;
    }

    @Override
    public Tensor rope(Tensor x, Rotary rotary) {
        Fit.tokens(pages, x);
        Fit.multiple(x, rotary.headDim(), "x of a rotary embedding");
        RotaryTable table = rotaries.computeIfAbsent(rotary, asked -> RotaryTable.of(asked, pages));
        return mapRows(own(x), table::turn);
    }

    @Override
    public Tensor attend(AttentionSpec spec, Tensor q, Tensor k, Tensor v) {
        if (spec.type() != ElementType.FP32) {
            throw new IllegalArgumentException("the CPU backend computes models in fp32, not " + spec.type());
        }
        Fit.columns(q, spec.queryElements(), "Q");
        Fit.columns(k, spec.keyElements(), "K");
        Fit.columns(v, spec.valueElements(), "V");
        Fit.tokens(pages, q);
        Fit.slots(slots, history.slots(), k);
        Fit.slots(slots, history.slots(), v);
        CpuTensor o = make(pages.queryTokens(), spec.outputElements());
        history.attend(
                own(k),
                own(v),
                (keys, values) -> backend.attend(
                        new BatchTensors(spec, pages, own(q).bytes(), keys.bytes(), values.bytes(), o.bytes(), null)));
        return o;
    }

    @Override
    public KeptTokens keep(int[] asked) {
        CpuKept kept = backend.kept(asked);
        history.keep(kept);
        return kept;
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        Fit.same(a.shape(), b);
        return combine(own(a), own(b), Activation.NONE, Float::sum);
    }

    @Override
    public Tensor gated(Activation activation, Tensor gate, Tensor up) {
        Fit.same(gate.shape(), up);
        return combine(own(gate), own(up), activation, (g, u) -> g * u);
    }

    @Override
    public Tensor pool(SequencePooling pooling, Tensor x, int skipped) {
        Fit.tokens(pages, x);
        CpuTensor pooled = make(pages.sequences(), own(x).columns());
        backend.crew().share(pages.sequences(), next -> {
            for (int s = next.getAsInt(); s >= 0; s = next.getAsInt()) {
                int tokens = pages.lengths(s).queryTokens();
                pooled.write(s, 1, RowPooling.pool(pooling, own(x), pages.queryStart(s), tokens, skipped));
            }
        });
        return pooled;
    }

    @Override
    public Tensor rows(Tensor x, int[] rows) {
        Fit.below(own(x).rows(), rows, "row");
        CpuTensor y = make(rows.length, own(x).columns());
        float[] row = new float[y.columns()];
        for (int i = 0; i < rows.length; i++) {
            own(x).read(rows[i], 1, row);
            y.write(i, 1, row);
        }
        return y;
    }

    @Override
    public Tensor logProbs(Tensor x, Weight head, int[] targets) {
        PackedMatrix matrix = ((CpuWeight) head).matrix();
        Fit.columns(x, matrix.in(), "x before a head " + head.shape());
        if (targets.length != own(x).rows()) {
            throw new IllegalArgumentException(x.shape() + " rows have " + targets.length + " targets");
        }
        Fit.below(matrix.out(), targets, "target");
        CpuTensor y = make(targets.length, 2);
        DenseWorker.Probable probable = new DenseWorker.Probable(own(x), matrix, targets, y);
        backend.compute(y.rows(), (worker, block) -> worker.logProbs(probable, block));
        return y;
    }

    @Override
    public Tensor beside(List<Tensor> parts) {
        CpuTensor whole = make(
                parts.get(0).shape().rows(),
                parts.stream().mapToInt(part -> part.shape().columns()).sum());
        int column = 0;
        for (Tensor part : parts) {
            float[] row = new float[part.shape().columns()];
            for (int r = 0; r < whole.rows(); r++) {
                own(part).read(r, 1, row);
                whole.floats().put(r * whole.columns() + column, row);
            }
            column += row.length;
        }
        return whole;
    }

    @Override
    public Tensor columns(Tensor x, int first, int count) {
        CpuTensor of = own(x);
        CpuTensor some = make(of.rows(), count);
        for (int r = 0; r < of.rows(); r++) {
            some.floats().put(r * count, of.floats(), r * of.columns() + first, count);
        }
        return some;
    }

    @Override
    public Tensor normalize(Tensor x) {
        return mapRows(own(x), (number, row) -> RowNorm.unit(row, LEAST_LENGTH));
    }

    @Override
    public Tensor scope(Supplier<Tensor> work) {
        scopes.push(newScope());
        CpuTensor kept = own(work.get());
        Set<CpuTensor> made = scopes.pop();
        if (made.remove(kept)) {
            scopes.getFirst().add(kept);
        }
        made.forEach(this::giveBack);
        return kept;
    }

    @Override
    public void release(Tensor x) {
        if (!scopes.getFirst().remove(own(x))) {
            throw new IllegalArgumentException("a tensor " + x.shape() + " was not made in the scope that releases it");
        }
        giveBack(own(x));
    }

    @Override
    public FloatBuffer read(Tensor x) {
        float[] copy = new float[Math.toIntExact(x.shape().elements())];
        own(x).floats().get(0, copy);
        return FloatBuffer.wrap(copy);
    }

    @Override
    public void close() {
        scopes.forEach(made -> made.forEach(this::giveBack));
        scopes.clear();
    }

    private void giveBack(CpuTensor tensor) {
        buffers.give(tensor.bytes());
    }

    private static Set<CpuTensor> newScope() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private CpuTensor make(int rows, int columns) {
        int bytes = CpuInputs.bytes("a tensor", rows, columns, ElementType.FP32);
        CpuTensor made = new CpuTensor(Shape.of(rows, columns), buffers.take(bytes));
        scopes.getFirst().add(made);
        return made;
    }

    private interface RowWork {
        void apply(int number, float[] row);
    }

    private interface Pair {
        float of(float a, float b);
    }

    private CpuTensor mapRows(CpuTensor x, RowWork work) {
        CpuTensor y = make(x.rows(), x.columns());
        shareRows(x.rows(), row -> {
            float[] values = new float[x.columns()];
            x.read(row, 1, values);
            work.apply(row, values);
            y.write(row, 1, values);
        });
        return y;
    }

    private CpuTensor combine(CpuTensor a, CpuTensor b, Activation activation, Pair pair) {
        CpuTensor y = make(a.rows(), a.columns());
        DenseKernel dense = backend.dense();
        shareRows(a.rows(), row -> {
            // room for the vector that an activation may run over
            float[] left = new float[a.columns() + dense.panelColumns()];
            float[] right = new float[a.columns()];
            a.read(row, 1, left);
            b.read(row, 1, right);
            dense.activate(activation, left, a.columns());
            for (int i = 0; i < right.length; i++) {
                right[i] = pair.of(left[i], right[i]);
            }
            y.write(row, 1, right);
        });
        return y;
    }

    private void shareRows(int rows, IntConsumer work) {
        backend.crew().share(DenseWorker.blocks(rows), next -> {
            for (int block = next.getAsInt(); block >= 0; block = next.getAsInt()) {
                int end = Math.min(rows, (block + 1) * DenseWorker.ROWS);
                for (int row = block * DenseWorker.ROWS; row < end; row++) {
                    work.accept(row);
                }
            }
        });
    }

    private static CpuTensor own(Tensor x) {
        return (CpuTensor) x;
    }
}
