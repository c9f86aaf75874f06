package org.pagedattention.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.ModelFolderException;

/** What sentence-transformers' modules.json and its folders say, module by module. */
final class SentenceModules {
    private static final String FILE = "modules.json";

    /** As the configurations name them, in the order in which several are put end to end. */
    private static final Map<String, SequencePooling> POOLINGS = Map.of(
            "cls", SequencePooling.FIRST,
            "max", SequencePooling.MAX,
            "mean", SequencePooling.MEAN,
            "mean_sqrt_len_tokens", SequencePooling.MEAN_SQRT,
            "weightedmean", SequencePooling.WEIGHTED_MEAN,
            "lasttoken", SequencePooling.LAST);

    /** The older schema: a flag each, put end to end in this order. */
    private static final List<String> POOLING_FLAGS = List.of(
            "pooling_mode_cls_token",
            "pooling_mode_max_tokens",
            "pooling_mode_mean_tokens",
            "pooling_mode_mean_sqrt_len_tokens",
            "pooling_mode_weightedmean_tokens",
            "pooling_mode_lasttoken");

    private static final List<SequencePooling> FLAGGED = List.of(
            SequencePooling.FIRST,
            SequencePooling.MAX,
            SequencePooling.MEAN,
            SequencePooling.MEAN_SQRT,
            SequencePooling.WEIGHTED_MEAN,
            SequencePooling.LAST);

    private final ModelFiles files;
    private final WeightLoader loader;
    private final List<SentenceStep> steps = new ArrayList<>();
    private int width;

    private SentenceModules(ModelFiles files, WeightLoader loader, int width) {
        this.files = files;
        this.loader = loader;
        this.width = width;
    }

    static Optional<SequencePooling> pooling(String name) {
        return Optional.ofNullable(POOLINGS.get(name));
    }

    /** All names, with commas between. */
    static String poolings() {
        return String.join(", ", new TreeMap<>(POOLINGS).keySet());
    }

    static boolean areIn(ModelFiles files) {
        return files.exists(FILE);
    }

    static JsonFile read(ModelFiles files) {
        return JsonFile.read(files, FILE);
    }

    /** The folder of the transformer itself: empty, or a name with {@code /} behind it. */
    static String transformerFolder(ModelFiles files) {
        JsonNode first = JsonFile.read(files, FILE).root().path(0);
        if (!simpleName(first).equals("Transformer")) {
            throw new ModelFolderException(files, FILE + " does not begin with a Transformer: " + first);
        }
        String path = first.path("path").asText();
        return path.isEmpty() ? "" : path + "/";
    }

    /** All that comes behind a body whose rows have {@code hidden} numbers. */
    static List<SentenceStep> load(ModelFiles files, WeightLoader loader, int hidden) {
        SentenceModules modules = new SentenceModules(files, loader, hidden);
        boolean pooled = false;
        JsonNode list = JsonFile.read(files, FILE).root();
        for (int i = 1; i < list.size(); i++) {
            boolean pooling = simpleName(list.path(i)).equals("Pooling");
            if (pooling == pooled) {
                throw new ModelFolderException(files, FILE + " must have one Pooling, right behind the Transformer");
            }
            pooled = true;
            modules.add(list.path(i));
        }
        if (!pooled) {
            throw new ModelFolderException(files, FILE + " has no Pooling, so a text would have no vector of its own");
        }
        return modules.steps;
    }

    private void add(JsonNode module) {
        String folder = module.path("path").asText();
        switch (simpleName(module)) {
            case "Pooling" -> steps.add(pooling(JsonFile.read(files, folder + "/config.json")));
            case "Dense" -> steps.add(dense(folder + "/"));
            case "Normalize" -> steps.add(new SentenceStep.Normalize());
            default ->
                throw new ModelFolderException(
                        files,
                        FILE + " has a module of type " + module.path("type").asText()
                                + ", which is not supported: Transformer, Pooling, Dense and Normalize of"
                                + " sentence-transformers are");
        }
    }

    /** The class of a module of sentence-transformers' own; empty for any other. */
    static String simpleName(JsonNode module) {
        String type = module.path("type").asText();
        return type.startsWith("sentence_transformers.") ? type.substring(type.lastIndexOf('.') + 1) : "";
    }

    private SentenceStep pooling(JsonFile config) {
        Set<String> known = new HashSet<>(POOLING_FLAGS);
        known.addAll(Set.of("word_embedding_dimension", "embedding_dimension", "pooling_mode", "include_prompt"));
        config.requireOnly(known);
        String dimension = config.has("embedding_dimension") ? "embedding_dimension" : "word_embedding_dimension";
        if (config.count(dimension) != width) {
            throw config.refuse("pools rows of " + config.count(dimension) + " numbers, and the model's have " + width);
        }
        List<SequencePooling> modes = config.has("pooling_mode") ? named(config) : flagged(config);
        width *= modes.size();
        return new SentenceStep.Pool(modes, config.flag("include_prompt", true));
    }

    private static List<SequencePooling> named(JsonFile config) {
        JsonNode mode = config.root().path("pooling_mode");
        List<SequencePooling> modes = new ArrayList<>();
        for (JsonNode name : mode.isArray() ? mode : List.of(mode)) {
            modes.add(
                    pooling(name.asText()).orElseThrow(() -> config.unsupported("pooling_mode", poolings() + " are")));
        }
        return modes;
    }

    private static List<SequencePooling> flagged(JsonFile config) {
        List<SequencePooling> modes = new ArrayList<>();
        for (int i = 0; i < FLAGGED.size(); i++) {
            if (config.flag(POOLING_FLAGS.get(i), false)) {
                modes.add(FLAGGED.get(i));
            }
        }
        return modes.isEmpty() ? List.of(SequencePooling.MEAN) : modes;
    }

    private SentenceStep dense(String folder) {
        JsonFile config = JsonFile.read(files, folder + "config.json");
        config.requireOnly(Set.of(
                "in_features",
                "out_features",
                "bias",
                "activation_function",
                "module_input_name",
                "module_output_name",
                "use_residual"));
        config.require("module_input_name", "sentence_embedding");
        config.require("module_output_name", "sentence_embedding");
        config.require("use_residual", "false");
        int in = config.count("in_features");
        int out = config.count("out_features");
        if (in != width) {
            throw config.refuse("takes rows of " + in + " numbers, and what comes before it gives " + width);
        }
        Checkpoint checkpoint = Checkpoint.open(files, folder);
        Linear linear = config.flag("bias", true)
                ? loader.linear(checkpoint, "linear", out, in)
                : loader.linearWithoutBias(checkpoint, "linear", out, in);
        checkpoint.finish(name -> false);
        width = out;
        String activation = config.string("activation_function", "torch.nn.modules.activation.Tanh");
        Activation known = ActivationNames.ofTorch(config, "activation_function", activation);
        return new SentenceStep.Dense(linear, known, out);
    }
}
