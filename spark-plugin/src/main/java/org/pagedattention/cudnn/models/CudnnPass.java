package org.pagedattention.cudnn.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Fit;
import org.pagedattention.backend.KeepBudget;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Rotary;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.cudnn.graph.Pointwise;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * Writes down what is asked for; {@link #start} sends all of it to the device at once, so that the memory it takes is
 * known by then. Who reads more than one tensor has the pass computed again for each.
 */
final class CudnnPass implements Pass {
    private final Recipe recipe;
    private final PagedBatch pages;
    /** Token slots that the page tables name. */
    private final int slots;

    private final Attention attention;
    private final Constants constants;
    private final Maps maps;
    private final Products products;
    private final Rotaries rotaries;
    private final History history;
    private final KeepBudget keeping;
    private @Nullable PassRun run;

    CudnnPass(
            Recipe recipe,
            PagedBatch pages,
            Attention attention,
            Constants constants,
            @Nullable CudnnKept past,
            KeepBudget keeping) {
        this.recipe = recipe;
        this.pages = pages;
        slots = pages.usedSlots();
        this.attention = attention;
        this.constants = constants;
        maps = new Maps(recipe);
        products = new Products(recipe, maps);
        rotaries = new Rotaries(recipe, pages);
        history = new History(recipe, past);
        this.keeping = keeping;
    }

    @Override
    public Tensor upload(Shape shape, Consumer<ByteBuffer> writer) {
        long bytes = shape.elements() * Float.BYTES;
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a tensor " + shape + " is too large for one batch: lower"
                    + " spark.pagedAttention.batch.maxTokens");
        }
        MemoryBlock host = recipe.input(bytes);
        writer.accept(host.buffer().slice(0, (int) bytes).order(ByteOrder.LITTLE_ENDIAN));
        DeviceTensor x = recipe.make(shape.rows(), shape.columns(), ElementType.FP32);
        recipe.add(new Step.Upload(host.address(), x));
        return x;
    }

    @Override
    public Tensor lookup(Weight table, int[] rows) {
        Fit.below(table.shape().rows(), rows, "row");
        return new Lookup(recipe, attention).of(((CudnnWeight) table).rows(), rows);
    }

    @Override
    public Tensor linear(
            Tensor x, Weight weight, @Nullable Weight bias, Activation activation, @Nullable Tensor residual) {
        return products.of(x, weight, bias, activation, Pointwise.ADD, residual);
    }

    @Override
    public Tensor gatedLinear(Tensor x, Weight weight, @Nullable Weight bias, Activation activation, Tensor factor) {
        return products.of(x, weight, bias, activation, Pointwise.MUL, factor);
    }

    @Override
    public Tensor norm(Norm norm, Tensor x) {
        return new Norms(recipe, constants).apply(norm, (DeviceTensor) x);
    }

    @Override
    public Tensor normalize(Tensor x) {
        return new Norms(recipe, constants).unit((DeviceTensor) x);
    }

    @Override
    public Tensor rope(Tensor x, Rotary rotary) {
        Fit.tokens(pages, x);
        if (x.shape().columns() % rotary.headDim() != 0) {
            throw new IllegalArgumentException("x of a rotary embedding is " + x.shape()
                    + ", whose columns are no multiple of " + rotary.headDim());
        }
        return rotaries.turn(as(Maps.halfOf((DeviceTensor) x), x), rotary);
    }

    @Override
    public Tensor attend(AttentionSpec spec, Tensor q, Tensor k, Tensor v) {
        Fit.columns(q, spec.queryElements(), "Q");
        Fit.columns(k, spec.keyElements(), "K");
        Fit.columns(v, spec.valueElements(), "V");
        Fit.tokens(pages, q);
        Fit.slots(slots, history.slots(), k);
        Fit.slots(slots, history.slots(), v);
        ElementType type = Maps.halfOf((DeviceTensor) q, (DeviceTensor) k, (DeviceTensor) v);
        DeviceTensor queries = as(type, q);
        History.Slots all = history.next(as(type, k), as(type, v));
        DeviceTensor o = recipe.make(pages.queryTokens(), spec.outputElements(), type);
        RowStrides strides = new RowStrides(
                queries.stride(), all.keys().stride(), all.values().stride());
        Recipe.Tables tables = recipe.tables(attention, spec.withType(type), pages, strides, false);
        recipe.add(new Step.Attend(tables, "attention", queries, all.keys(), all.values(), o));
        return o;
    }

    @Override
    public KeptTokens keep(int[] asked) {
        return history.keep(new CudnnKept(recipe.device(), keeping, asked));
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        return combine(Activation.NONE, Pointwise.ADD, a, b);
    }

    @Override
    public Tensor gated(Activation activation, Tensor gate, Tensor up) {
        return combine(activation, Pointwise.MUL, gate, up);
    }

    private DeviceTensor combine(Activation activation, Pointwise mode, Tensor a, Tensor b) {
        Fit.same(a.shape(), b);
        ElementType type = Maps.halfOf((DeviceTensor) a, (DeviceTensor) b);
        return maps.combine(activation, mode, as(type, a), as(type, b));
    }

    @Override
    public Tensor pool(SequencePooling pooling, Tensor x, int skipped) {
        Fit.tokens(pages, x);
        DeviceTensor in = as(Maps.halfOf((DeviceTensor) x), x);
        return recipe.scope(() -> new Pooling(recipe, pages, attention).apply(pooling, in, skipped));
    }

    @Override
    public Tensor rows(Tensor x, int[] rows) {
        Fit.below(x.shape().rows(), rows, "row");
        return recipe.gather((DeviceTensor) x, rows.length, RowRun.of(rows));
    }

    @Override
    public Tensor logProbs(Tensor x, Weight head, int[] targets) {
        CudnnWeight matrix = (CudnnWeight) head;
        Fit.columns(x, head.shape().columns(), "x before a head " + head.shape());
        if (targets.length != x.shape().rows()) {
            throw new IllegalArgumentException(x.shape() + " rows have " + targets.length + " targets");
        }
        Fit.below(head.shape().rows(), targets, "target");
        return new Probabilities(recipe, constants).of(as(matrix.type(), x), matrix, targets);
    }

    @Override
    public Tensor beside(List<Tensor> parts) {
        ElementType type = ((DeviceTensor) parts.get(0)).type();
        int columns = parts.stream().mapToInt(part -> part.shape().columns()).sum();
        DeviceTensor whole = recipe.make(parts.get(0).shape().rows(), columns, type);
        if (whole.width() > columns) {
            recipe.add(new Step.Clear(whole.region(), 0, whole.rows()));
        }
        int column = 0;
        for (Tensor part : parts) {
            recipe.add(new Step.Copy(as(type, part), whole, column));
            column += part.shape().columns();
        }
        return whole;
    }

    @Override
    public Tensor columns(Tensor x, int first, int count) {
        DeviceTensor of = (DeviceTensor) x;
        Shape shape = Shape.of(of.rows(), count);
        if (first % DeviceTensor.STEP == 0 && count % DeviceTensor.STEP == 0) {
            return new DeviceTensor(of.region(), of.firstColumn() + first, shape, of.type(), of.stride());
        }
        DeviceTensor copy = recipe.make(of.rows(), count, of.type());
        recipe.add(new Step.Clear(copy.region(), 0, copy.rows()));
        recipe.add(new Step.Copy(
                new DeviceTensor(of.region(), of.firstColumn() + first, shape, of.type(), of.stride()), copy, 0));
        return copy;
    }

    @Override
    public Tensor scope(Supplier<Tensor> work) {
        return recipe.scope(() -> (DeviceTensor) work.get());
    }

    @Override
    public void release(Tensor x) {
        recipe.release((DeviceTensor) x);
    }

    @Override
    public void start(Tensor result) {
        startRun((DeviceTensor) result, false);
    }

    private PassRun startRun(DeviceTensor result, boolean timed) {
        stop();
        recipe.device().bind();
        PassRun started = PassRun.start(recipe, result, timed);
        run = started;
        return started;
    }

    @Override
    public boolean isDone(Tensor result) {
        recipe.device().bind();
        return run != null && run.isDone();
    }

    @Override
    public Map<String, Double> millis(Tensor result) {
        return startRun((DeviceTensor) result, true).millis();
    }

    @Override
    public FloatBuffer read(Tensor x) {
        PassRun last = run;
        PassRun wanted = last != null && last.result() == x ? last : startRun((DeviceTensor) x, false);
        recipe.device().bind();
        return FloatBuffer.wrap(wanted.await());
    }

    @Override
    public void close() {
        recipe.device().bind();
        try (recipe) {
            stop();
        }
    }

    private void stop() {
        PassRun last = run;
        run = null;
        if (last != null) {
            last.close();
        }
    }

    private DeviceTensor as(ElementType type, Tensor x) {
        return maps.as(type, (DeviceTensor) x);
    }
}
