package org.pagedattention.scoring;

import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.SequenceLengths;
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
        SequenceLengths lengths = new SequenceLengths(tokens(q, plan.q()), tokens(k, plan.k()));
        requireLengths(lengths, tokens(v, plan.v()));
        Sequence sequence = new Sequence(lengths, q, k, v);
        requireBuffers(sequence);
        requireMemory(sequence);
        return sequence;
    }

    private void requireLengths(SequenceLengths lengths, int values) throws BadRow {
        if (lengths.kvTokens() != values) {
            throw new BadRow(
                    "columns " + plan.k().name() + " and " + plan.v().name() + " differ in length",
                    "as many value tokens as key tokens",
                    lengths.kvTokens() + " key tokens and " + values + " value tokens");
        }
        if (lengths.kvTokens() == 0 && lengths.queryTokens() > 0) {
            throw new BadRow(
                    "column " + plan.k().name() + " is empty",
                    "at least one key for " + lengths.queryTokens() + " query tokens",
                    "0 key tokens");
        }
    }

    private void requireBuffers(Sequence sequence) throws BadRow {
        long widest = Math.max(
                (long) sequence.lengths().queryTokens() * Math.max(spec.queryElements(), spec.outputElements()),
                Math.max(sequence.k().elements(), sequence.v().elements()));
        // four bytes an element, whatever type the backend computes in
        if (widest * Float.BYTES > LARGEST_TENSOR) {
            throw new BadRow(
                    "the sequence is too long for one buffer",
                    "at most " + LARGEST_TENSOR / Float.BYTES + " elements in each of q, k, v and o",
                    widest + " elements");
        }
    }

    /** Refusing a row costs that row; running out of memory would cost the executor, again and again. */
    private void requireMemory(Sequence sequence) throws BadRow {
        TensorRef q = sequence.q();
        TensorRef k = sequence.k();
        TensorRef v = sequence.v();
        long output = (long) sequence.lengths().queryTokens() * spec.outputElements();
        long inputs = (long) q.elements() + k.elements() + v.elements();
        long row = (long) q.length() + k.length() + v.length();
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
