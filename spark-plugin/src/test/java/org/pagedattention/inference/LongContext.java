package org.pagedattention.inference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pagedattention.model.Oracle;
import org.pagedattention.model.folder.LocalModelFiles;

/** A tiny model's folder with longer rows than it says: its positions are turned, so any number of them will do. */
public final class LongContext {
    public static final int LONGEST = 4096;

    private LongContext() {}

    /** Writes the folder of the model {@code llama-text}. */
    public static LocalModelFiles write(Path folder) {
        return write("llama-text", folder);
    }

    /** Writes the folder of a model; one that has no tokenizer gets that of {@code llama-text}, whose ids it may not know. */
    public static LocalModelFiles write(String name, Path folder) {
        Path model = Oracle.of(name).files().path();
        Path tokenizer = Oracle.of("llama-text").files().path();
        try {
            Files.copy(model.resolve("model.safetensors"), folder.resolve("model.safetensors"));
            Files.copy(tokenizer.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
            lengthen(model, folder, "config.json");
            lengthen(tokenizer, folder, "tokenizer_config.json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LocalModelFiles(folder);
    }

    private static void lengthen(Path from, Path folder, String name) throws IOException {
        String json = Files.readString(from.resolve(name));
        Files.writeString(
                folder.resolve(name),
                json.replaceAll("(max_position_embeddings|model_max_length)\": 64", "$1\": " + LONGEST));
    }
}
