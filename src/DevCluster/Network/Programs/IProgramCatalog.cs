using DevCluster.Simulator.Runtime;

namespace DevCluster.Network.Programs;

/// <summary>
/// Chooses the program of a container: images are not pulled, so programs of this machine stand in for them.
/// </summary>
public interface IProgramCatalog
{
    /// <summary>The program of a container.</summary>
    /// <param name="namesFolder">The folder of the file <c>names</c>, from which the cluster's DNS answers.</param>
    PodProgram Choose(ContainerStart start, string namesFolder);
}

/// <summary>The program of a container.</summary>
/// <param name="Command">The command line, as seen in the container.</param>
/// <param name="Folders">Host folders that the program needs besides the system's, by their path in the
/// container.</param>
/// <param name="Environment">Variables that the program needs besides those of the container.</param>
public sealed record PodProgram(
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Folders,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Bytes allowed beyond the container's memory limit, to account for the stand-in's overhead.</summary>
    public long ExtraMemory { get; init; }

    /// <summary>A program of the host system.</summary>
    public static PodProgram OfSystem(params IReadOnlyList<string> command) =>
        new(command, new Dictionary<string, string>(), new Dictionary<string, string>());
}
