package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/**
 * Keeps a sequence with NaN or infinities from marking its neighbours. cuDNN multiplies keys beyond a sequence's end by
 * zero instead of leaving them out, so where pages overlap or are shared, one bad value turns a neighbour into NaN. When
 * an output is not finite, the marked sequences run again, each in pages of its own with zeros behind its last token.
 */
final class NonFiniteRepair {
    private final CudnnAttention backend;

    NonFiniteRepair(CudnnAttention backend) {
        this.backend = backend;
    }

    /**
     * Replaces what neighbours spoiled in {@code output}, the result of {@code batch}.
     *
     * @return whether all of it was finite from the start
     */
    boolean apply(AttentionBatch batch, AttentionOutput output) {
        AttentionSpec spec = batch.spec();
        PagedBatch pages = batch.pages();
        if (!anyNonFinite(output.o(), 0, outputAt(spec, pages, pages.sequences()), spec.type())) {
            return true;
        }
        int[] marked = IntStream.range(0, pages.sequences())
                .filter(i ->
                        anyNonFinite(output.o(), outputAt(spec, pages, i), outputAt(spec, pages, i + 1), spec.type()))
                .toArray();
        if (pages.layout() == PageLayout.PADDED && IntStream.of(marked).noneMatch(i -> cleanInput(batch, i))) {
            return false;
        }
        for (List<Integer> group : groups(pages, marked)) {
            rerun(batch, output, group);
        }
        return false;
    }

    /** Groups that take no more container slots than the batch did, so that what fitted before fits again. */
    private static List<List<Integer>> groups(PagedBatch pages, int[] marked) {
        List<List<Integer>> groups = new ArrayList<>();
        long room = 0;
        for (int sequence : marked) {
            long slots =
                    (long) PagedBatch.pagesFor(pages.lengths(sequence).kvTokens(), pages.pageSize()) * pages.pageSize();
            if (groups.isEmpty() || slots > room) {
                groups.add(new ArrayList<>());
                room = pages.containerTokens();
            }
            groups.get(groups.size() - 1).add(sequence);
            room -= slots;
        }
        return groups;
    }

    private void rerun(AttentionBatch source, AttentionOutput output, List<Integer> group) {
        PagedBatch pages = source.pages();
        List<SequenceLengths> lengths = group.stream().map(pages::lengths).toList();
        PagedBatch apart = PagedBatch.plan(PageLayout.PADDED, pages.pageSize(), lengths);
        AttentionSpec spec = source.spec();
        try (BatchInputs inputs = backend.inputs(spec, apart.queryTokens(), apart.containerTokens());
                AttentionBatch batch = backend.open(spec, apart, output.lse() != null, inputs, null)) {
            fill(batch, source, group);
            batch.start();
            AttentionOutput clean = batch.await();
            for (int i = 0; i < group.size(); i++) {
                copyResult(source, group.get(i), output, apart.queryStart(i), clean);
            }
        }
    }

    private static void fill(AttentionBatch target, AttentionBatch source, List<Integer> group) {
        AttentionSpec spec = source.spec();
        int width = spec.type().bytes();
        int queryBytes = spec.queryElements() * width;
        for (int i = 0; i < group.size(); i++) {
            int tokens = source.pages().lengths(group.get(i)).queryTokens();
            int from = source.pages().queryStart(group.get(i)) * queryBytes;
            target.queries()
                    .put(target.pages().queryStart(i) * queryBytes, source.queries(), from, tokens * queryBytes);
        }
        PagedBatch to = target.pages();
        PagedBatch of = source.pages();
        int keyBytes = spec.keyElements() * width;
        int valueBytes = spec.valueElements() * width;
        move(
                new Container(of, of.keyTable(), source.keys(), keyBytes),
                new Container(to, to.keyTable(), target.keys(), keyBytes),
                group);
        move(
                new Container(of, of.valueTable(), source.values(), valueBytes),
                new Container(to, to.valueTable(), target.values(), valueBytes),
                group);
    }

    private static void move(Container source, Container target, List<Integer> group) {
        target.zeroTails();
        int tokenBytes = source.tokenBytes();
        for (int i = 0; i < group.size(); i++) {
            int sequence = group.get(i);
            target.write(i, (first, tokens, bytes, at) -> {
                for (int t = 0; t < tokens; t++) {
                    int from = source.slot(sequence, first + t) * tokenBytes;
                    bytes.put(at + t * tokenBytes, source.bytes(), from, tokenBytes);
                }
            });
        }
    }

    private static void copyResult(
            AttentionBatch batch, int sequence, AttentionOutput output, int cleanStart, AttentionOutput clean) {
        AttentionSpec spec = batch.spec();
        int tokens = batch.pages().lengths(sequence).queryTokens();
        int start = batch.pages().queryStart(sequence);
        int rowBytes = spec.outputElements() * spec.type().bytes();
        output.o().put(start * rowBytes, clean.o(), cleanStart * rowBytes, tokens * rowBytes);
        FloatBuffer lse = output.lse();
        FloatBuffer cleanLse = clean.lse();
        if (lse != null && cleanLse != null) {
            int heads = spec.queryHeads();
            lse.put(start * heads, cleanLse, cleanStart * heads, tokens * heads);
        }
    }

    private static boolean cleanInput(AttentionBatch batch, int sequence) {
        AttentionSpec spec = batch.spec();
        PagedBatch pages = batch.pages();
        int width = spec.type().bytes();
        int queryBytes = spec.queryElements() * width;
        int start = pages.queryStart(sequence) * queryBytes;
        int end = pages.queryStart(sequence + 1) * queryBytes;
        return !anyNonFinite(batch.queries(), start, end, spec.type())
                && cleanTokens(batch, sequence, pages.keyTable(), batch.keys(), spec.keyElements() * width)
                && cleanTokens(batch, sequence, pages.valueTable(), batch.values(), spec.valueElements() * width);
    }

    private static boolean cleanTokens(
            AttentionBatch batch, int sequence, PageTable table, ByteBuffer bytes, int tokenBytes) {
        Container container = new Container(batch.pages(), table, bytes, tokenBytes);
        return IntStream.range(0, batch.pages().lengths(sequence).kvTokens())
                .map(token -> container.slot(sequence, token) * tokenBytes)
                .noneMatch(at ->
                        anyNonFinite(bytes, at, at + tokenBytes, batch.spec().type()));
    }

    private static int outputAt(AttentionSpec spec, PagedBatch pages, int sequence) {
        return pages.queryStart(sequence) * spec.outputElements() * spec.type().bytes();
    }

    private static boolean anyNonFinite(ByteBuffer buffer, int from, int to, ElementType type) {
        return !type.allFinite(buffer, from, (to - from) / type.bytes());
    }
}
