package org.pagedattention.model.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** One JSON object of a model folder, whose entries are read as what they must be. */
public final class JsonFile {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** More is no configuration. */
    private static final long LARGEST = 1 << 28;

    private final ModelFiles files;
    private final String name;
    private final JsonNode root;

    private JsonFile(ModelFiles files, String name, JsonNode root) {
        this.files = files;
        this.name = name;
        this.root = root;
    }

    public static JsonFile read(ModelFiles files, String name) {
        if (!files.exists(name)) {
            throw new ModelFolderException(
                    files, "has no " + name + ": give the folder of a whole model in Hugging Face's layout");
        }
        return parse(files, name, text(files, name));
    }

    /** The file, or an empty object where there is none. */
    public static JsonFile readIfThere(ModelFiles files, String name) {
        return files.exists(name) ? read(files, name) : new JsonFile(files, name, MAPPER.createObjectNode());
    }

    static JsonFile parse(ModelFiles files, String name, String text) {
        try {
            return new JsonFile(files, name, MAPPER.readTree(text));
        } catch (JsonProcessingException e) {
            throw new ModelFolderException(files, name + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String text(ModelFiles files, String name) {
        long size = files.size(name);
        if (size > LARGEST) {
            throw new ModelFolderException(files, name + " has " + size + " bytes, more than any configuration");
        }
        return files.text(name);
    }

    public JsonNode root() {
        return root;
    }

    /** An object within this one, empty where there is none; errors name it. */
    public JsonFile child(String key) {
        JsonNode value = root.path(key);
        if (has(key) && !value.isObject()) {
            throw wrong(key, "an object");
        }
        return new JsonFile(files, name + " in " + key, has(key) ? value : MAPPER.createObjectNode());
    }

    public boolean has(String key) {
        return root.hasNonNull(key);
    }

    public int count(String key) {
        JsonNode value = root.path(key);
        if (!value.canConvertToInt() || !value.isIntegralNumber() || value.asInt() < 0) {
            throw wrong(key, "a number from 0 on");
        }
        return value.asInt();
    }

    public int count(String key, int ifMissing) {
        return has(key) ? count(key) : ifMissing;
    }

    public float number(String key) {
        if (!root.path(key).isNumber()) {
            throw wrong(key, "a number");
        }
        return (float) root.path(key).asDouble();
    }

    public String string(String key) {
        if (!root.path(key).isTextual()) {
            throw wrong(key, "a text");
        }
        return root.path(key).asText();
    }

    public String string(String key, String ifMissing) {
        return has(key) ? string(key) : ifMissing;
    }

    public boolean flag(String key, boolean ifMissing) {
        if (has(key) && !root.path(key).isBoolean()) {
            throw wrong(key, "true or false");
        }
        return root.path(key).asBoolean(ifMissing);
    }

    /** Refuses an entry that is there with any value but {@code only}. */
    public void require(String key, String only) {
        String value = has(key) ? root.path(key).asText() : only;
        if (!value.equals(only)) {
            throw unsupported(key, "only " + only + " is");
        }
    }

    /** Refuses an entry that is there at all. */
    public void requireAbsent(String key, String instead) {
        if (has(key)) {
            throw refuse("has " + key + ", which is not supported: " + instead);
        }
    }

    /** Refuses entries that are there, not null, and not among {@code known}. */
    public void requireOnly(Set<String> known) {
        List<String> others = new ArrayList<>();
        root.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key) && has(key)) {
                others.add(key);
            }
        });
        if (!others.isEmpty()) {
            throw new ModelFolderException(files, name + " has " + others + ", which is not understood");
        }
    }

    public ModelFolderException unsupported(String key, String instead) {
        return refuse("has " + key + " = " + root.path(key) + ", which is not supported: " + instead);
    }

    /** An error about this file. */
    public ModelFolderException refuse(String problem) {
        return new ModelFolderException(files, name + " " + problem);
    }

    private ModelFolderException wrong(String key, String expected) {
        String found = root.has(key) ? "has " + key + " = " + root.path(key) : "has no " + key;
        return refuse(found + ", which must be " + expected);
    }
}
