package org.pagedattention.model.folder;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.pagedattention.tensor.Shape;

/**
 * The tensors of a model folder, and which of them were asked for: whoever loads a model asks for all that it needs and
 * then says what else may be there, so that nothing is left over unseen.
 */
public final class Checkpoint {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private final ModelFiles files;
    private final Map<String, StoredTensor> tensors = new TreeMap<>();
    private final Set<String> taken = new HashSet<>();

    private Checkpoint(ModelFiles files) {
        this.files = files;
    }

    /**
     * Reads the headers of all files.
     *
     * @param folder within the model's: empty, or a name with {@code /} behind it
     */
    public static Checkpoint open(ModelFiles files, String folder) {
        Checkpoint checkpoint = new Checkpoint(files);
        if (files.exists(folder + SINGLE)) {
            checkpoint.add(SafeTensorsHeader.read(files, folder + SINGLE));
        } else if (files.exists(folder + INDEX)) {
            checkpoint.addShards(folder);
        } else {
            throw new ModelFolderException(files, "has no " + folder + SINGLE + instead(files, folder));
        }
        return checkpoint;
    }

    private static String instead(ModelFiles files, String folder) {
        if (files.names().stream().anyMatch(name -> name.endsWith(".gguf"))) {
            return " but a GGUF file, which is not supported: take the model's original folder";
        }
        for (String pickle : List.of("pytorch_model.bin", "pytorch_model.bin.index.json")) {
            if (files.exists(folder + pickle)) {
                return " but " + pickle + ", whose reading would run code: load it with transformers and write it with"
                        + " save_pretrained, or take a revision that has safetensors";
            }
        }
        return " and no " + INDEX + ": give the folder of a whole model in Hugging Face's layout";
    }

    private void addShards(String folder) {
        JsonFile index = JsonFile.read(files, folder + INDEX);
        Map<String, String> fileOf = new TreeMap<>();
        index.root()
                .path("weight_map")
                .properties()
                .forEach(entry -> fileOf.put(entry.getKey(), entry.getValue().asText()));
        for (String shard : new TreeSet<>(fileOf.values())) {
            if (!files.exists(folder + shard)) {
                throw new ModelFolderException(files, "has no " + shard + ", which " + INDEX + " names");
            }
            add(SafeTensorsHeader.read(files, folder + shard));
        }
        fileOf.forEach((tensor, shard) -> {
            StoredTensor stored = tensors.get(tensor);
            if (stored == null || !stored.file().equals(folder + shard)) {
                throw new ModelFolderException(
                        files, "tensor " + tensor + " is not in " + shard + ", where " + INDEX + " says it is");
            }
        });
    }

    private void add(Collection<StoredTensor> stored) {
        for (StoredTensor tensor : stored) {
            if (tensors.put(tensor.name(), tensor) != null) {
                throw new ModelFolderException(files, "tensor " + tensor.name() + " is there twice");
            }
        }
    }

    public ModelFiles files() {
        return files;
    }

    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    public boolean hasAny(Predicate<String> name) {
        return tensors.keySet().stream().anyMatch(name);
    }

    /** A tensor of that shape, which then is not left over. */
    public StoredTensor take(String name, Shape shape) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelFolderException(
                    files,
                    "has no tensor " + name + " " + shape + ": it is not whole, or not what its config.json says");
        }
        if (!tensor.shape().equals(shape)) {
            throw new ModelFolderException(
                    files,
                    "tensor " + name + " has shape " + tensor.shape() + ", and by config.json it must have " + shape);
        }
        taken.add(name);
        return tensor;
    }

    /**
     * A tensor that may be another one too.
     *
     * @param tied whether it is said to be the other one; where both are there, they must not differ
     */
    public StoredTensor takeTied(String name, String other, boolean tied, Shape shape) {
        if (!tied) {
            return take(name, shape);
        }
        StoredTensor taken = take(other, shape);
        if (has(name)) {
            requireSame(name, take(name, shape), taken);
        }
        return taken;
    }

    private void requireSame(String copy, StoredTensor one, StoredTensor other) {
        if (!one.holdsSame(other)) {
            throw new ModelFolderException(
                    files,
                    "tensor " + copy + " is not " + other.name()
                            + ", and by tie_word_embeddings in config.json they are one: set"
                            + " it to false there if this model has a head of its own");
        }
    }

    /** Refuses tensors that nobody took and that {@code unused} does not name. */
    public void finish(Predicate<String> unused) {
        List<String> left = tensors.keySet().stream()
                .filter(name -> !taken.contains(name) && !unused.test(name))
                .toList();
        if (!left.isEmpty()) {
            List<String> some = left.subList(0, Math.min(5, left.size()));
            throw new ModelFolderException(
                    files,
                    "has " + left.size() + " tensors that are not understood, so it is another model than its"
                            + " config.json says: " + String.join(", ", some)
                            + (some.size() < left.size() ? ", ..." : ""));
        }
    }
}
