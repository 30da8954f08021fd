using System.Globalization;
using DevCluster.Network.Programs;
using Dynospace.Api.Apps;
using Dynospace.EndToEnd.Tests.Clusters;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>
/// For the dev cluster with a network: the busybox of this machine, and where ports must answer the program that stands
/// in for images, since not every busybox has tcpsvd.
/// </summary>
internal sealed class NetworkWorkloads : IWorkloads
{
    private const string Image = "docker.io/library/busybox:1.37";

    private readonly ShellWorkloads _shell = new(Image, "docker.io/library/busybox:1.38");

    public Workload Runs => _shell.Runs;

    public Workload? RunsToo => _shell.RunsToo;

    public Workload Stubborn => _shell.Stubborn;

    public Workload Missing => new("simulate/image-pull-error", "none") { Size = DynoSizes.Basic };

    public Workload Exits(int code) => _shell.Exits(code);

    public Workload Serves(int? shellPort, params (string Protocol, int Number)[] ports) => new(
        Image,
        [
            BuiltInProgram.Verb,
            .. ports.Select(port => Word(port.Protocol.ToLowerInvariant(), port.Number)),
            .. shellPort is { } shell ? [Word("shell", shell)] : Array.Empty<string>(),
        ])
    {
        Size = DynoSizes.Basic,
    };

    private static string Word(string name, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}:{number}");
}
