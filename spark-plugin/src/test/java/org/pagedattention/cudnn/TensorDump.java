package org.pagedattention.cudnn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/**
 * Runs problems and writes what went in and what came out as raw files, for another implementation to judge. Problem 0 is
 * cuDNN's own sample of paged attention.
 *
 * <p>Argument: the folder. Containers are packed, so every tensor is token-major, sequences end to end.
 */
final class TensorDump {
    private static final int PROBLEMS = 24;
    private static final AttentionSpec SAMPLE =
            new AttentionSpec(12, 12, 64, 64, ElementType.FP16, Mask.causal(), AttentionSpec.defaultScale(64));

    private TensorDump() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        CudnnBackendProvider provider = new CudnnBackendProvider();
        List<String> lines = new ArrayList<>();
        try (CudnnAttention backend = (CudnnAttention) provider.create(BackendSettings.defaults())) {
            for (int i = 0; i < PROBLEMS; i++) {
                Random random = new Random(i);
                AttentionSpec spec = i == 0 ? SAMPLE : spec(random);
                List<SequenceLengths> lengths =
                        i == 0 ? Collections.nCopies(4, new SequenceLengths(1024, 1024)) : lengths(random);
                PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 64, lengths);
                dump(backend, spec, pages, i, folder);
                lines.add(line(spec, lengths));
            }
        }
        Files.write(folder.resolve("problems.txt"), lines);
    }

    private static void dump(CudnnAttention backend, AttentionSpec spec, PagedBatch pages, int number, Path folder)
            throws IOException {
        try (AttentionBatch batch = Gpu.start(backend, spec, pages, new AttentionProblem(spec, pages, number))) {
            AttentionOutput output = batch.await();
            int width = spec.type().bytes();
            int queries = pages.queryTokens();
            int keys = (int) pages.kvTokens();
            write(folder, number + ".q", batch.queries(), queries * spec.queryElements() * width);
            write(folder, number + ".k", batch.keys(), keys * spec.keyElements() * width);
            write(folder, number + ".v", batch.values(), keys * spec.valueElements() * width);
            write(folder, number + ".o", output.o(), queries * spec.outputElements() * width);
        }
    }

    private static void write(Path folder, String name, ByteBuffer buffer, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        buffer.get(0, content);
        Files.write(folder.resolve(name), content);
    }

    private static String line(AttentionSpec spec, List<SequenceLengths> lengths) {
        StringBuilder line = new StringBuilder(String.join(
                " ",
                spec.type().label(),
                Integer.toString(spec.queryHeads()),
                Integer.toString(spec.kvHeads()),
                Integer.toString(spec.headDim()),
                Integer.toString(spec.valueDim()),
                spec.mask().band().name(),
                Integer.toString(spec.mask().window()),
                Float.toString(spec.scale())));
        lengths.forEach(length ->
                line.append(' ').append(length.queryTokens()).append(':').append(length.kvTokens()));
        return line.toString();
    }

    private static AttentionSpec spec(Random random) {
        int kvHeads = 1 + random.nextInt(4);
        int headDim = new int[] {40, 64, 96, 128, 256}[random.nextInt(5)];
        Mask.Band band = Mask.Band.values()[random.nextInt(3)];
        int window = random.nextInt(3) == 0 ? 50 : 0;
        return new AttentionSpec(
                kvHeads * (1 + random.nextInt(6)),
                kvHeads,
                headDim,
                headDim,
                random.nextBoolean() ? ElementType.FP16 : ElementType.BF16,
                new Mask(band, window),
                AttentionSpec.defaultScale(headDim));
    }

    private static List<SequenceLengths> lengths(Random random) {
        boolean decode = random.nextInt(4) == 0;
        return Collections.nCopies(6, 0).stream()
                .map(i -> 1 + random.nextInt(900))
                .map(kv -> new SequenceLengths(decode ? 1 : random.nextInt(3) == 0 ? 1 + random.nextInt(300) : kv, kv))
                .toList();
    }
}
