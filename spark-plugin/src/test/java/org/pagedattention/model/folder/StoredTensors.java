package org.pagedattention.model.folder;

import java.util.List;

/** The tensors of one safetensors file, for tests of other packages. */
public final class StoredTensors {
    private StoredTensors() {}

    public static List<StoredTensor> of(ModelFiles files, String file) {
        return SafeTensorsHeader.read(files, file);
    }
}
