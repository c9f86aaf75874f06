package org.pagedattention.bench.embed;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.jobs.bench.embed.EmbedRace;
import org.pagedattention.jobs.bench.embed.LongTexts;
import org.pagedattention.jobs.bench.embed.Ours;
import org.pagedattention.jobs.bench.embed.Side;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFiles;

/** Races our embedder against ONNX Runtime in all of its batchings. */
public final class EmbedBenchmark {
    private static final String MODEL = "/all-minilm-l6-v2.onnx";
    private static final int LONGEST = 512;
    private static final int MOST_OF_SMALL_CALL = 8;

    private final Options options;

    private EmbedBenchmark(Options options) {
        this.options = options;
    }

    public static void main(String[] arguments) throws IOException {
        try {
            new EmbedBenchmark(Options.parse(arguments)).run();
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
        }
    }

    private void run() throws IOException {
        ModelFiles files = new LongTexts(new LocalModelFiles(options.model()), LONGEST);
        BackendSettings settings = BackendSettings.defaults().withThreads(1).withKernel("vector");
        try (CpuModels backend = new CpuModels(settings);
                Embedder embedder = Embedder.open(files, backend, EmbedOptions.defaults())) {
            List<Side> sides = new ArrayList<>();
            for (int passTokens : options.passTokens()) {
                sides.add(new Ours(embedder, options.threads(), passTokens));
            }
            int own = sides.size();
            if (options.peers()) {
                sides.addAll(peers(embedder));
            }
            PrintWriter out = new PrintWriter(System.out, true);
            EmbedRace race =
                    new EmbedRace(options.tokens(), options.runs(), options.seconds(), options.warmUpSeconds(), out);
            for (int mean : options.means()) {
                race.run(mean, embedder, sides, own);
            }
            sides.forEach(Side::close);
        }
    }

    private List<Side> peers(Embedder tokenizer) throws IOException {
        byte[] model;
        try (InputStream in = EmbedBenchmark.class.getResourceAsStream(MODEL)) {
            if (in == null) {
                throw new IllegalStateException("the class path has no " + MODEL);
            }
            model = in.readAllBytes();
        }
        List<Side> peers = new ArrayList<>();
        for (Batching batching : Batching.ALL) {
            peers.add(new OnnxSide(model, tokenizer, batching, 1, options.threads()));
            // several calls at a time do better only where one has too little to share among threads
            if (options.threads() > 1 && batching.size() <= MOST_OF_SMALL_CALL) {
                peers.add(new OnnxSide(model, tokenizer, batching, options.threads(), 1));
            }
        }
        return peers;
    }
}
