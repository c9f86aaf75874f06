package org.pagedattention.backend.reference;

import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.PassContract;

/** The judge keeps the contract too; what it reads out is rounded to fp32. */
class ReferencePassTest extends PassContract {

    @Override
    protected ModelBackend create() {
        return new ReferenceModels();
    }

    @Override
    protected double tolerance() {
        return 1e-7;
    }

    @Override
    protected double activationTolerance() {
        return 1e-7;
    }
}
