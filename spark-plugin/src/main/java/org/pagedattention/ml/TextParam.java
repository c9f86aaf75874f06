package org.pagedattention.ml;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.Param;

/** A Param of text that says what is wrong with a value. */
final class TextParam extends Param<String> {
    private static final long serialVersionUID = 1;

    private final Check check;

    /** Throws an IllegalArgumentException that says what would be right. */
    interface Check extends Serializable {
        void require(String value);
    }

    TextParam(String parent, String name, String doc, Check check) {
        super(parent, name, doc, String.class);
        this.check = check;
    }

    /** A Param that takes any text but an empty one, such as the name of a column. */
    static TextParam named(String parent, String name, String doc) {
        return new TextParam(parent, name, doc, value -> {
            if (value.isEmpty()) {
                throw new IllegalArgumentException("leave it unset, or give a name");
            }
        });
    }

    /** A Param that takes one of some words. */
    static TextParam oneOf(String parent, String name, String doc, List<String> words) {
        return new TextParam(parent, name, doc, value -> {
            if (!words.contains(value)) {
                throw new IllegalArgumentException("use " + String.join(", ", words));
            }
        });
    }

    @Override
    public void validate(String value) {
        try {
            check.require(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(parent() + ": " + name() + " is '" + value + "': " + e.getMessage(), e);
        }
    }
}
