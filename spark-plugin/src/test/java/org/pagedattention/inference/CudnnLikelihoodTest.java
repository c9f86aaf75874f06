package org.pagedattention.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.cudnn.CudnnBackendProvider;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.likelihood.UnscorableRow;
import org.pagedattention.model.folder.LocalModelFiles;

/** Log-likelihoods on a GPU, with common prefixes computed once and without, within what 16 bits round. */
@Tag("gpu")
class CudnnLikelihoodTest {
    /** Of a token's log-probability. */
    private static final double TOLERANCE = 2e-2;

    @ParameterizedTest
    @CsvSource({"qwen3, 0, 7", "qwen3, 63, 7", "qwen3, 64, 7", "qwen3, 65, 40", "qwen3, 300, 200", "gemma3, 130, 20"})
    void givesARowTheSameHoweverManyShareItsPrefix(String family, int prefix, int fanOut, @TempDir Path other)
            throws UnscorableRow {
        LocalModelFiles files = LongContext.write(family, other);
        LikelihoodOptions options = LikelihoodOptions.defaults();
        try (ModelBackend gpu = backend();
                ModelBackend cpu = new CpuModels(BackendSettings.defaults());
                LikelihoodModel sharing = LikelihoodModel.open(files, gpu, options, 0);
                LikelihoodModel alone = LikelihoodModel.open(files, gpu, options.withSharePrefixes(false), 0);
                LikelihoodModel exact = LikelihoodModel.open(files, cpu, options, 0)) {
            List<ScoredRow> rows = rows(sharing, prefix, fanOut);
            List<Likelihood> found = sharing.score(rows, 100_000);
            assertClose(found, alone.score(rows, 100_000));
            assertClose(found, exact.score(rows, 100_000));
            assertClose(sharing.score(rows, 400), found);
        }
    }

    /** In chunks behind their own pages, or behind pages that many rows have, pass after pass. */
    @ParameterizedTest
    @CsvSource({"qwen3, 128", "qwen3, 320", "gemma3, 256"})
    void givesARowTheSameBehindPagesThatWereKept(String family, int passTokens, @TempDir Path other)
            throws UnscorableRow {
        LocalModelFiles files = LongContext.write(family, other);
        LikelihoodOptions options = LikelihoodOptions.defaults();
        try (ModelBackend gpu = backend();
                LikelihoodModel model = LikelihoodModel.open(files, gpu, options, 0)) {
            List<ScoredRow> rows = new ArrayList<>(rows(model, 300, 60));
            int[] lengthy = new Random(passTokens).ints(1000, 5, 90).toArray();
            rows.add(model.rules().text(lengthy));
            rows.add(model.rules().continuation(Arrays.copyOf(lengthy, 900), new int[] {7, 8, 9}));
            assertClose(model.score(rows, passTokens), model.score(rows, 100_000));
        }
    }

    /** Others take the memory of what is kept whenever no pass is at work with it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void computesAgainWhatHadToMakeRoom(int every, @TempDir Path other) throws UnscorableRow {
        LocalModelFiles files = LongContext.write("qwen3", other);
        try (ModelBackend gpu = backend();
                LikelihoodModel model = LikelihoodModel.open(files, gpu, LikelihoodOptions.defaults(), 0)) {
            List<ScoredRow> rows = rows(model, 300, 60);
            List<ScoredTokens> parts =
                    rows.stream().flatMap(row -> row.parts().stream()).toList();
            SharedDevice device = SharedDevice.acquire(0, GpuLimits.defaults());
            try (LikelihoodFlow flow = model.flow(128, 1024)) {
                List<Likelihood> found = new ArrayList<>();
                for (int from = 0; from < parts.size(); from += every) {
                    List<ScoredTokens> few = parts.subList(from, Math.min(parts.size(), from + every));
                    found.addAll(flow.await(flow.open(few)));
                    device.spare().giveUp();
                    assertThat(gpu.keptBytes()).isZero();
                }
                assertClose(found, model.score(rows, 100_000));
            } finally {
                device.release();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-text", "mistral", "qwen2"})
    void refusesHeadsThatCudnnDoesNotTurn(String family, @TempDir Path other) throws UnscorableRow {
        try (ModelBackend gpu = backend();
                LikelihoodModel model =
                        LikelihoodModel.open(LongContext.write(family, other), gpu, LikelihoodOptions.defaults(), 0)) {
            List<ScoredRow> rows = rows(model, 10, 2);
            assertThatThrownBy(() -> model.score(rows, 1000))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not of 8: set spark.pagedAttention.backend to cpu");
        }
    }

    private static List<ScoredRow> rows(LikelihoodModel model, int prefix, int fanOut) throws UnscorableRow {
        Random random = new Random(31L * prefix + fanOut);
        int[] common = random.ints(prefix, 5, 90).toArray();
        List<ScoredRow> rows = new ArrayList<>();
        for (int i = 0; i < fanOut; i++) {
            int[] context = Arrays.copyOf(common, i % 5 == 4 ? prefix / 2 : prefix);
            rows.add(model.rules()
                    .continuation(
                            context, random.ints(1 + random.nextInt(6), 5, 90).toArray()));
        }
        return rows;
    }

    private static void assertClose(List<Likelihood> found, List<Likelihood> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            float[] tokens = found.get(i).tokenLogProbs();
            assertThat(tokens).hasSameSizeAs(expected.get(i).tokenLogProbs());
            for (int t = 0; t < tokens.length; t++) {
                double wanted = expected.get(i).tokenLogProbs()[t];
                assertThat((double) tokens[t])
                        .as("token %d of row %d", t, i)
                        .isCloseTo(wanted, within(TOLERANCE * Math.max(1, Math.abs(wanted))));
            }
        }
    }

    private static ModelBackend backend() {
        BackendProvider provider = new CudnnBackendProvider();
        assumeTrue(
                provider.unavailableForModels(BackendSettings.defaults()).isEmpty()
                        || System.getProperty("pagedattention.requiredBackend", "")
                                .equals(provider.name()),
                "no GPU that runs models");
        return provider.createForModels(BackendSettings.defaults());
    }
}
