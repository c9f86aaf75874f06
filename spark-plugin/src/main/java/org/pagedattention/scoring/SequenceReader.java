package org.pagedattention.scoring;

import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.sequences.History;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.TensorRef;

/** Turns input rows into sequences, whose tensors are used where they lie. */
final class SequenceReader {
    /** No buffer of a batch may pass this; the room behind it is for the last page. */
    private static final long LARGEST_TENSOR = Integer.MAX_VALUE - (1L << 24);

    private final AttentionPlan plan;
    private final AttentionSpec spec;
    private final long heap;

    /**
     * @param spec what is computed, its type the compute type
     * @param heap bytes of the heap, of which one sequence may take half
     */
    SequenceReader(AttentionPlan plan, AttentionSpec spec, long heap) {
        this.plan = plan;
        this.spec = spec;
        this.heap = heap;
    }

    /** Reads one row. Its tensors stay where they are, and so are lost with the next row. */
    Sequence read(InternalRow row) throws BadRow {
        return of(plan.q().read(row), plan.k().read(row), plan.v().read(row));
    }

    /** A sequence of tensors that may lie in several rows. */
    Sequence of(TensorRef q, TensorRef k, TensorRef v) throws BadRow {
        return of(q, k, v, 0, 0);
    }

    /** A row whose keys and values stand behind those of a prefix, with the lengths of both together. */
    Sequence behind(History prefix, InternalRow row) throws BadRow {
        int keys = tokens(prefix.k(), plan.k());
        int values = prefix.v().elements() / plan.v().tokenElements();
        if (keys != values) {
            throw new BadRow(
                    "columns " + plan.k().name() + " and " + plan.v().name() + " of the row's prefix differ in length",
                    "as many value tokens as key tokens",
                    keys + " key tokens and " + values + " value tokens");
        }
        return of(
                plan.q().read(row),
                plan.k().read(row),
                plan.v().read(row),
                keys,
                prefix.k().length() + (long) prefix.v().length());
    }

    /**
     * A sequence behind a prefix.
     *
     * @param prefixTokens of the prefix
     * @param prefixBytes that its row takes
     */
    private Sequence of(TensorRef q, TensorRef k, TensorRef v, int prefixTokens, long prefixBytes) throws BadRow {
        int own = tokens(k, plan.k());
        requireValues(own, tokens(v, plan.v()));
        int queries = tokens(q, plan.q());
        long keys = (long) prefixTokens + own;
        if (keys == 0 && queries > 0) {
            throw new BadRow(
                    "column " + plan.k().name() + " is empty",
                    "at least one key for " + queries + " query tokens",
                    "0 key tokens");
        }
        requireBuffers(queries, keys);
        SequenceLengths lengths = new SequenceLengths(queries, (int) keys);
        requireMemory(lengths, q.length() + (long) k.length() + v.length() + prefixBytes);
        return new Sequence(lengths, q, k, v);
    }

    private void requireValues(int keys, int values) throws BadRow {
        if (keys != values) {
            throw new BadRow(
                    "columns " + plan.k().name() + " and " + plan.v().name() + " differ in length",
                    "as many value tokens as key tokens",
                    keys + " key tokens and " + values + " value tokens");
        }
    }

    private void requireBuffers(long queries, long keys) throws BadRow {
        long widest = Math.max(
                queries * Math.max(spec.queryElements(), spec.outputElements()),
                keys * Math.max(spec.keyElements(), spec.valueElements()));
        // four bytes an element, whatever type the backend computes in
        if (widest * Float.BYTES > LARGEST_TENSOR) {
            throw new BadRow(
                    "the sequence is too long for one buffer",
                    "at most " + LARGEST_TENSOR / Float.BYTES + " elements in each of q, k, v and o",
                    widest + " elements");
        }
    }

    /** Refusing a row costs that row; running out of memory would cost the executor, again and again. */
    private void requireMemory(SequenceLengths lengths, long row) throws BadRow {
        long output = (long) lengths.queryTokens() * spec.outputElements();
        long inputs = (long) lengths.queryTokens() * spec.queryElements()
                + (long) lengths.kvTokens() * (spec.keyElements() + spec.valueElements());
        long batch = (inputs + output) * spec.type().bytes();
        long bytes = row + batch + output * plan.q().stored().bytes();
        if (bytes > heap / 2) {
            throw new BadRow(
                    "the sequence is larger than memory",
                    "at most " + heap / 2 + " bytes of heap for a row, its batch and its output, half of the " + heap
                            + " there are (set spark.executor.memory, in local mode spark.driver.memory)",
                    bytes + " bytes");
        }
    }

    private static int tokens(TensorRef tensor, TensorColumn column) {
        return tensor.elements() / column.tokenElements();
    }
}
