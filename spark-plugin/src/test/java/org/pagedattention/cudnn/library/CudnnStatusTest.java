package org.pagedattention.cudnn.library;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudnnStatusTest {
    @ParameterizedTest
    @CsvSource({
        "1001,driver may be too old",
        "1002,two cuDNN versions",
        "2004,defect of this program",
        "3001,no kernel for it",
        "4001,failed inside",
        "5003,could not be launched"
    })
    void explainsEveryKind(int status, String explanation) {
        assertThat(CudnnStatus.explain(status)).contains(explanation);
    }

    @ParameterizedTest
    @CsvSource({"0,false,false", "2004,false,false", "3001,true,false", "4001,false,true", "5000,false,true"})
    void tellsKindsApart(int status, boolean notSupported, boolean mayBeFatal) {
        assertThat(CudnnStatus.notSupported(status)).isEqualTo(notSupported);
        assertThat(CudnnStatus.mayBeFatal(status)).isEqualTo(mayBeFatal);
    }
}
