package org.pagedattention.conf;

import java.util.Locale;
import org.pagedattention.backend.BackendChoice;

/** What a user may ask for as a backend. */
public enum BackendName {
    /** cuDNN where it works, the CPU elsewhere. */
    AUTO,
    CPU,
    CUDNN;

    /** Whether the choice fell on this one. */
    public boolean is(BackendChoice choice) {
        return choice.provider().name().equals(toString());
    }

    /** The backend's own name, or {@code auto}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
