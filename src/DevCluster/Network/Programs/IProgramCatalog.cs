using DevCluster.Simulator.Runtime;

namespace DevCluster.Network.Programs;

/// <summary>
/// Chooses what a container runs: no image is pulled, so programs of this machine stand in for images.
/// </summary>
public interface IProgramCatalog
{
    /// <summary>The program of a container.</summary>
    /// <param name="namesFolder">Where the file <c>names</c> is, which the cluster's DNS answers by.</param>
    PodProgram Choose(ContainerStart start, string namesFolder);
}

/// <summary>What a container runs.</summary>
/// <param name="Command">The command, as seen in the container.</param>
/// <param name="Folders">Folders of this machine that it needs besides those of the system, by where it sees
/// them.</param>
/// <param name="Environment">Variables that it needs besides the container's own.</param>
public sealed record PodProgram(
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Folders,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>How many bytes of memory it may use beyond the container's limit, which is that of the image.</summary>
    public long ExtraMemory { get; init; }

    /// <summary>A program of the system.</summary>
    public static PodProgram OfSystem(params IReadOnlyList<string> command) =>
        new(command, new Dictionary<string, string>(), new Dictionary<string, string>());
}
