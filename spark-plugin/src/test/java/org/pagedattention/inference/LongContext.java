package org.pagedattention.inference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pagedattention.model.LocalModelFiles;
import org.pagedattention.model.Oracle;

/** A tiny model's folder with longer rows than it says: its positions are turned, so any number of them will do. */
public final class LongContext {
    public static final int LONGEST = 4096;

    private LongContext() {}

    /** Writes the folder of the model {@code llama-text}. */
    public static LocalModelFiles write(Path folder) {
        Path model = Oracle.of("llama-text").files().path();
        try {
            for (String name : new String[] {"model.safetensors", "tokenizer.json"}) {
                Files.copy(model.resolve(name), folder.resolve(name));
            }
            for (String name : new String[] {"config.json", "tokenizer_config.json"}) {
                String json = Files.readString(model.resolve(name));
                Files.writeString(
                        folder.resolve(name),
                        json.replaceAll("(max_position_embeddings|model_max_length)\": 64", "$1\": " + LONGEST));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LocalModelFiles(folder);
    }
}
