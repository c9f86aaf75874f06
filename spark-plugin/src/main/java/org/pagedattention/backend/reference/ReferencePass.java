package org.pagedattention.backend.reference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.Norm;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Rotary;
import org.pagedattention.backend.RowTable;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.Shape;

/** Computes each operation when it is called; what is no longer used, Java collects. */
record ReferencePass(PagedBatch pages, ReferenceHistory history, double lead) implements Pass {
    /** As torch's normalize does. */
    private static final double LEAST_LENGTH = 1e-12;

    @Override
    public Tensor upload(Shape shape, Consumer<ByteBuffer> writer) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(shape.elements() * Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        writer.accept(bytes);
        FloatBuffer floats = bytes.rewind().asFloatBuffer();
        Matrix made = Matrix.zeros(shape.rows(), shape.columns());
        for (int i = 0; i < made.values().length; i++) {
            made.values()[i] = floats.get(i);
        }
        return made;
    }

    @Override
    public Tensor lookup(Weight table, int[] rows) {
        Matrix out = Matrix.zeros(rows.length, table.shape().columns());
        float[] row = new float[out.columns()];
        for (int i = 0; i < rows.length; i++) {
            requireBelow(table.shape().rows(), rows[i]);
            ((RowTable) table).read(rows[i], row);
            for (int c = 0; c < row.length; c++) {
                out.values()[i * row.length + c] = row[c];
            }
        }
        return out;
    }

    private static void requireBelow(int end, int row) {
        if (row < 0 || row >= end) {
            throw new IllegalArgumentException("row " + row + " is not from 0 to " + (end - 1));
        }
    }

    @Override
    public Tensor linear(
            Tensor x, Weight weight, @Nullable Weight bias, Activation activation, @Nullable Tensor residual) {
        Matrix y = own(x).times((ReferenceWeight) weight);
        Matrix biased = bias == null ? y : y.plusRow(vector(bias));
        Matrix active = biased.map(activation::of);
        return residual == null ? active : active.with(own(residual), Double::sum);
    }

    @Override
    public Tensor norm(Norm norm, Tensor x) {
        Matrix in = own(x);
        int group = vector(norm.gain()).length;
        if (in.columns() % group != 0) {
            throw new IllegalArgumentException(
                    "x of a norm is " + x.shape() + ", whose columns are no multiple of " + group);
        }
        Matrix groups = new Matrix(in.rows() * (in.columns() / group), group, in.values());
        Matrix out = Matrix.zeros(groups.rows(), group);
        for (int r = 0; r < groups.rows(); r++) {
            normRow(norm, groups, out, r);
        }
        Matrix shifted = norm.bias() == null ? out : out.plusRow(vector(norm.bias()));
        return new Matrix(in.rows(), in.columns(), shifted.values());
    }

    private static void normRow(Norm norm, Matrix in, Matrix out, int row) {
        double mean = 0;
        for (int c = 0; c < in.columns() && norm.kind() == Norm.Kind.LAYER; c++) {
            mean += in.at(row, c) / in.columns();
        }
        double square = 0;
        for (int c = 0; c < in.columns(); c++) {
            square += (in.at(row, c) - mean) * (in.at(row, c) - mean) / in.columns();
        }
        double length = Math.sqrt(square + norm.epsilon());
        for (int c = 0; c < in.columns(); c++) {
            out.values()[row * in.columns() + c] = (in.at(row, c) - mean) / length * vector(norm.gain())[c];
        }
    }

    @Override
    public Tensor attend(AttentionSpec spec, Tensor q, Tensor k, Tensor v) {
        ReferenceKept.Layer all = history.next(own(k), own(v));
        for (Matrix x : List.of(all.keys(), all.values())) {
            if (x.rows() < pages.usedSlots()) {
                throw new IllegalArgumentException("a tensor " + x.shape() + " has not the " + pages.usedSlots()
                        + " token slots that the page tables name");
            }
        }
        Matrix o = Matrix.zeros(pages.queryTokens(), spec.outputElements());
        for (int s = 0; s < pages.sequences(); s++) {
            int from = pages.queryStart(s);
            int to = pages.queryStart(s + 1);
            double[] keys = tokens(all.keys(), pages.keyTable(), s);
            double[] values = tokens(all.values(), pages.valueTable(), s);
            double[] attended = ReferenceAttention.attend(spec, own(q).slice(from, to), keys, values)
                    .o();
            System.arraycopy(attended, 0, o.values(), from * spec.outputElements(), attended.length);
        }
        return o;
    }

    @Override
    public KeptTokens keep(int[] slots) {
        return history.keep(slots);
    }

    /** The rows that hold a sequence's tokens, end to end. */
    private double[] tokens(Matrix slots, PageTable table, int sequence) {
        int tokens = pages.lengths(sequence).kvTokens();
        double[] rows = new double[tokens * slots.columns()];
        for (int t = 0; t < tokens; t++) {
            int slot = pages.pageSlot(table.page(sequence, t / pages.pageSize())) + t % pages.pageSize();
            System.arraycopy(slots.slice(slot, slot + 1), 0, rows, t * slots.columns(), slots.columns());
        }
        return rows;
    }

    @Override
    public Tensor rope(Tensor x, Rotary rotary) {
        Matrix in = own(x);
        Matrix out = Matrix.zeros(in.rows(), in.columns());
        int half = rotary.headDim() / 2;
        if (in.rows() != pages.queryTokens() || in.columns() % rotary.headDim() != 0) {
            throw new IllegalArgumentException("x of a rotary embedding is " + x.shape() + ", and must have "
                    + pages.queryTokens() + " rows and whole heads of " + rotary.headDim());
        }
        for (int s = 0; s < pages.sequences(); s++) {
            for (int t = pages.queryStart(s); t < pages.queryStart(s + 1); t++) {
                int position = pages.firstPosition(s) + t - pages.queryStart(s);
                for (int c = 0; c < in.columns(); c++) {
                    int pair = c % half;
                    double angle = rotary.angle(position, pair);
                    boolean left = c % rotary.headDim() < half;
                    double other = left ? -in.at(t, c + half) : in.at(t, c - half);
                    double turned = in.at(t, c) * Math.cos(angle) + other * Math.sin(angle);
                    out.values()[t * in.columns() + c] = rotary.scale() * turned;
                }
            }
        }
        return out;
    }

    @Override
    public Tensor rows(Tensor x, int[] rows) {
        Matrix out = Matrix.zeros(rows.length, own(x).columns());
        for (int i = 0; i < rows.length; i++) {
            requireBelow(own(x).rows(), rows[i]);
            System.arraycopy(own(x).slice(rows[i], rows[i] + 1), 0, out.values(), i * out.columns(), out.columns());
        }
        return out;
    }

    @Override
    public Tensor logProbs(Tensor x, Weight head, int[] targets) {
        if (targets.length != own(x).rows()) {
            throw new IllegalArgumentException(x.shape() + " rows have " + targets.length + " targets");
        }
        Matrix out = Matrix.zeros(targets.length, 2);
        for (int r = 0; r < targets.length; r++) {
            double[] logits =
                    own(rows(x, new int[] {r})).times((ReferenceWeight) head).values();
            if (targets[r] < 0 || targets[r] >= logits.length) {
                throw new IllegalArgumentException("target " + targets[r] + " is not from 0 to " + (logits.length - 1));
            }
            out.values()[2 * r] = logits[targets[r]] - logSum(logits);
            out.values()[2 * r + 1] = isMostProbable(logits, targets[r]) ? 1 : 0;
        }
        return out;
    }

    private static double logSum(double[] logits) {
        double most = Arrays.stream(logits).max().orElse(Double.NaN);
        return most
                + Math.log(Arrays.stream(logits)
                        .map(logit -> Math.exp(logit - most))
                        .sum());
    }

    private boolean isMostProbable(double[] logits, int target) {
        if (lead == 0) {
            return target == firstLargest(logits);
        }
        double others = IntStream.range(0, logits.length)
                .filter(i -> i != target)
                .mapToDouble(i -> logits[i])
                .max()
                .orElse(Double.NEGATIVE_INFINITY);
        return logits[target] >= others + lead;
    }

    private static int firstLargest(double[] logits) {
        int first = 0;
        for (int i = 1; i < logits.length; i++) {
            first = logits[i] > logits[first] ? i : first;
        }
        return first;
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        return own(a).with(own(b), Double::sum);
    }

    @Override
    public Tensor gated(Activation activation, Tensor gate, Tensor up) {
        return own(gate).map(activation::of).with(own(up), (g, u) -> g * u);
    }

    @Override
    public Tensor pool(SequencePooling pooling, Tensor x, int skipped) {
        Matrix pooled = Matrix.zeros(pages.sequences(), own(x).columns());
        for (int s = 0; s < pages.sequences(); s++) {
            int from = pages.queryStart(s) + skipped;
            int to = pages.queryStart(s + 1);
            for (int c = 0; c < pooled.columns() && from < to; c++) {
                pooled.values()[s * pooled.columns() + c] = pool(pooling, own(x), c, from, to, skipped);
            }
        }
        return pooled;
    }

    private static double pool(SequencePooling pooling, Matrix x, int column, int from, int to, int skipped) {
        double sum = 0;
        double weights = 0;
        double max = Double.NEGATIVE_INFINITY;
        for (int t = from; t < to; t++) {
            double weight = pooling == SequencePooling.WEIGHTED_MEAN ? skipped + t - from + 1 : 1;
            sum += weight * x.at(t, column);
            weights += weight;
            max = Math.max(max, x.at(t, column));
        }
        return switch (pooling) {
            case FIRST -> x.at(from, column);
            case LAST -> x.at(to - 1, column);
            case MEAN, WEIGHTED_MEAN -> sum / weights;
            case MEAN_SQRT -> sum / Math.sqrt(weights);
            case MAX -> max;
        };
    }

    @Override
    public Tensor beside(List<Tensor> parts) {
        int columns = parts.stream().mapToInt(part -> part.shape().columns()).sum();
        Matrix whole = Matrix.zeros(parts.get(0).shape().rows(), columns);
        int at = 0;
        for (Tensor part : parts) {
            int width = part.shape().columns();
            for (int r = 0; r < whole.rows(); r++) {
                System.arraycopy(own(part).values(), r * width, whole.values(), r * columns + at, width);
            }
            at += width;
        }
        return whole;
    }

    @Override
    public Tensor columns(Tensor x, int first, int count) {
        Matrix in = own(x);
        Matrix out = Matrix.zeros(in.rows(), count);
        for (int r = 0; r < in.rows(); r++) {
            System.arraycopy(in.values(), r * in.columns() + first, out.values(), r * count, count);
        }
        return out;
    }

    @Override
    public Tensor normalize(Tensor x) {
        Matrix in = own(x);
        Matrix out = Matrix.zeros(in.rows(), in.columns());
        for (int r = 0; r < in.rows(); r++) {
            double square = 0;
            for (int c = 0; c < in.columns(); c++) {
                square += in.at(r, c) * in.at(r, c);
            }
            for (int c = 0; c < in.columns(); c++) {
                out.values()[r * in.columns() + c] = in.at(r, c) / Math.max(Math.sqrt(square), LEAST_LENGTH);
            }
        }
        return out;
    }

    @Override
    public Tensor scope(Supplier<Tensor> work) {
        return work.get();
    }

    @Override
    public void release(Tensor x) {}

    @Override
    public FloatBuffer read(Tensor x) {
        float[] values = new float[own(x).values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) own(x).values()[i];
        }
        return FloatBuffer.wrap(values);
    }

    @Override
    public void close() {}

    private static Matrix own(Tensor x) {
        return (Matrix) x;
    }

    private static float[] vector(Weight weight) {
        return ((ReferenceWeight) weight).values();
    }
}
