package org.pagedattention.ml;

import org.apache.spark.ml.param.IntParam;

/** A Param that takes whole numbers from 1. */
final class CountParam extends IntParam {
    private static final long serialVersionUID = 1;

    CountParam(String parent, String name, String doc) {
        super(parent, name, doc);
    }

    @Override
    public void validate(Object value) {
        if (!(value instanceof Integer count) || count < 1) {
            throw new IllegalArgumentException(
                    parent() + ": " + name() + " is " + value + ": use a whole number from 1, or leave it unset");
        }
    }
}
