package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceBatcher;
import org.pagedattention.paging.SequenceLengths;

/** A batch that is being filled: tensors go straight from their rows to where the backend reads them. */
final class InputBatch implements AutoCloseable {
    private static final int FINITE = Float.MAX_EXPONENT + 1;

    private final AttentionSpec spec;
    private final PageLayout layout;
    private final int pageSize;
    private final SequenceBatcher.Room room;
    private final BatchInputs inputs;
    private final int scoreExponent;
    private final int inputExponent;
    private final List<Sequence> sequences = new ArrayList<>();

    InputBatch(
            AttentionBackend backend, AttentionSpec spec, PageLayout layout, int pageSize, SequenceBatcher.Room room) {
        this.spec = spec;
        this.layout = layout;
        this.pageSize = pageSize;
        this.room = room;
        scoreExponent = backend.scoreExponent();
        inputExponent = spec.inputExponent(scoreExponent);
        // the last page may run behind the last token
        inputs = backend.inputs(spec, room.mostQueryTokens(), room.mostSlots() + pageSize);
    }

    boolean takes(SequenceLengths lengths) {
        return room.takes(lengths);
    }

    /**
     * Adds a sequence that there is room for, and lets it know its tensors where they are now.
     *
     * @return how large its numbers are in the type that is computed in; unless they are small, nothing was added
     */
    Magnitude add(Sequence sequence) {
        Sequence.Tensors from = sequence.tensors();
        TensorRef q = place(from.q(), inputs.queries(), room.queryTokensTaken(), spec.queryElements());
        TensorRef k = place(from.k(), inputs.keys(), room.slotsTaken(), spec.keyElements());
        TensorRef v = place(from.v(), inputs.values(), room.slotsTaken(), spec.valueElements());
        // a sum of large values is seen when it is not finite; a score need not leave a trace
        Magnitude scores = from.q().copyTo(q, inputExponent).orWorse(from.k().copyTo(k, inputExponent));
        if (scores == Magnitude.LARGE && spec.boundsScores(q.largest(), k.largest(), scoreExponent)) {
            scores = Magnitude.SMALL;
        }
        Magnitude magnitude = scores.orWorse(from.v().copyTo(v, FINITE));
        if (magnitude == Magnitude.SMALL) {
            sequence.moved(new Sequence.Tensors(q, k, v));
            sequences.add(sequence);
            room.add(sequence.lengths());
        }
        return magnitude;
    }

    private TensorRef place(TensorRef source, ByteBuffer target, int firstToken, int tokenElements) {
        int width = spec.type().bytes();
        return new TensorRef(target, firstToken * tokenElements * width, source.elements() * width, spec.type());
    }

    /** Hands the batch to the backend, which may read the inputs until what this returns is closed. */
    AttentionBatch open(AttentionBackend backend, boolean wantLse) {
        PagedBatch pages = PagedBatch.plan(
                layout, pageSize, sequences.stream().map(Sequence::lengths).toList());
        int width = spec.type().bytes();
        new Container(pages, pages.keyTable(), inputs.keys(), spec.keyElements() * width).zeroTails();
        new Container(pages, pages.valueTable(), inputs.values(), spec.valueElements() * width).zeroTails();
        return backend.open(spec, pages, wantLse, inputs);
    }

    /** A batch of the sequences from {@code from} up to {@code to}, copied into memory of its own. */
    InputBatch part(AttentionBackend backend, SequenceBatcher batcher, int from, int to) {
        List<Sequence> chosen = sequences.subList(from, to);
        SequenceBatcher.Room exact =
                batcher.exactly(chosen.stream().map(Sequence::lengths).toList());
        InputBatch part = new InputBatch(backend, spec, layout, pageSize, exact);
        chosen.forEach(part::add);
        return part;
    }

    List<Sequence> sequences() {
        return sequences;
    }

    @Override
    public void close() {
        inputs.close();
    }
}
