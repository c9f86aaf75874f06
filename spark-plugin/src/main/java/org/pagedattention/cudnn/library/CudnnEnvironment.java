package org.pagedattention.cudnn.library;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jcuda.jcudnn.JCudnn;
import jcuda.runtime.JCuda;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.device.FatalDeviceException;
import org.pagedattention.gpu.CudaNatives;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.GpuException;

/**
 * What a look at this machine found.
 *
 * @param facts one a line, as far as the look got
 * @param problem why the backend cannot work; empty when it can
 */
public record CudnnEnvironment(List<String> facts, Optional<String> problem) {

    /** Looks at the machine; loads native libraries, never throws. */
    public static CudnnEnvironment inspect(BackendSettings settings) {
        List<String> facts = new ArrayList<>();
        Optional<String> problem =
                Problems.platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        if (problem.isEmpty()) {
            try {
                problem = inspectGpu(settings, facts);
            } catch (GpuException | FatalDeviceException e) {
                problem = Optional.of("the GPU does not answer (" + e.getMessage() + "): check nvidia-smi");
            } catch (IOException | RuntimeException | LinkageError e) {
                problem = Optional.of(Problems.natives(e));
            }
        }
        return new CudnnEnvironment(List.copyOf(facts), problem);
    }

    private static Optional<String> inspectGpu(BackendSettings settings, List<String> facts) throws IOException {
        CudaNatives.stage();
        int[] driver = new int[1];
        JCuda.cudaDriverGetVersion(driver);
        int[] devices = new int[1];
        int status = JCuda.cudaGetDeviceCount(devices);
        Optional<String> problem = Problems.devices(driver[0], status, devices[0], settings.device());
        if (problem.isPresent()) {
            return problem;
        }
        GpuDevice gpu = GpuDevice.query(settings.device());
        facts.add(gpu.toString());
        facts.add("driver for CUDA " + Problems.cuda(driver[0]));
        return Problems.capability(gpu).or(() -> inspectCudnn(settings, driver[0], facts));
    }

    private static Optional<String> inspectCudnn(BackendSettings settings, int driver, List<String> facts) {
        CudnnLibrary library = CudnnLibrary.find(settings.cudnnLibraryPath());
        if (library.file().isEmpty() && !settings.cudnnLibraryPath().isEmpty()) {
            return Optional.of(Problems.libraryMissing(library.searched()));
        }
        CudnnVersion version;
        int builtFor;
        try {
            library.load();
            version = CudnnVersion.of(JCudnn.cudnnGetVersion());
            builtFor = (int) JCudnn.cudnnGetCudartVersion();
        } catch (LinkageError e) {
            return Optional.of(
                    library.file().isEmpty()
                            ? Problems.libraryMissing(library.searched())
                            : Problems.libraryBroken(library, e));
        }
        facts.add("cuDNN " + version + " for CUDA " + Problems.cuda(builtFor) + " from "
                + library.file().map(Object::toString).orElse("the system's search path"));
        version.warning().ifPresent(facts::add);
        return Problems.cudnn(version, builtFor, driver);
    }
}
