// Programs: programs that stand in for images.

using System.Globalization;
using DevCluster.Network.Kernel;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Network.Programs;

/// <summary>
/// Chooses the stand-in for an image. Busybox commands use the busybox of this machine. CoreDNS uses the cluster's
/// names and the Corefile, or the program in the COREDNS variable. A pod with a host annotation runs its own command
/// from this machine. All other images run a program that shows its identity.
/// </summary>
/// <param name="host">How to run this program in a container.</param>
/// <param name="hostAnnotations">Annotations whose value <c>host</c> makes a pod run its own command.</param>
/// <param name="shownLabels">The labels that the program's page shows.</param>
public sealed class StandInPrograms(
    ProgramHost host, IReadOnlyList<string> hostAnnotations, IReadOnlyList<string> shownLabels) : IProgramCatalog
{
    private const string Busybox = "busybox";
    private const string BusyboxFolder = "/.devcluster/busybox";
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const string CoreDnsVariable = "COREDNS";
    private const string CoreDnsFolder = "/.devcluster/coredns";
    private const string NamesFolder = "/.devcluster/names";

    private static readonly string[] Probes = ["readinessProbe", "livenessProbe"];

    private readonly Lazy<string?> _busybox = new(() => Commands.Find(Busybox));

    /// <summary>Takes precedence; null applies the default choice.</summary>
    public Func<ContainerStart, PodProgram?> First { get; init; } = _ => null;

    /// <inheritdoc/>
    public PodProgram Choose(ContainerStart start, string namesFolder) =>
        WithBusybox(ChooseProgram(start, namesFolder));

    private PodProgram ChooseProgram(ContainerStart start, string namesFolder)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (First(start) is { } chosen)
        {
            return chosen;
        }

        IReadOnlyList<string> command =
        [
            .. start.Spec.Texts("command").Concat(start.Spec.Texts("args"))
                .Select(word => PodWords.Expand(word, start.Environment)),
        ];
        var annotations = start.Pod.Map("metadata", "annotations");
        if (hostAnnotations.Any(annotation => annotations.Text(annotation) == "host") && command.Count > 0)
        {
            return PodProgram.OfSystem(command);
        }

        if (!start.Behavior.IsOrdinary)
        {
            return BuiltIn(start);
        }

        var image = Repository(start.Spec.Text("image") ?? "");
        return command switch
        {
            // The arguments of the stand-in itself, for tests that need certain ports.
            [BuiltInProgram.Verb, ..] => Run(start, [.. command.Skip(1)], host.Folders),
            [Busybox, ..] => _busybox.Value is null
                ? PodProgram.OfSystem("sh", "-c", "echo 'busybox is not installed on this machine' >&2; exit 127")
                : OfBusybox(command),
            _ when image == "coredns" => CoreDns(start, command, namesFolder),
            _ => BuiltIn(start),
        };
    }

    /// <summary>The real CoreDNS runs only with a Corefile: without one it cannot resolve cluster names.</summary>
    private PodProgram CoreDns(ContainerStart start, IReadOnlyList<string> command, string namesFolder)
    {
        var corefile = command.SkipWhile(word => word != "-conf").ElementAtOrDefault(1);
        return corefile is not null && Environment.GetEnvironmentVariable(CoreDnsVariable) is { Length: > 0 } program
            ? new PodProgram(
                [$"{CoreDnsFolder}/{Path.GetFileName(program)}", .. command],
                new Dictionary<string, string> { [CoreDnsFolder] = Path.GetDirectoryName(program)! },
                new Dictionary<string, string>())
            : Run(
                start,
                [
                    $"{BuiltInProgram.Names}:{NamesFolder}/names",
                    .. corefile is null ? [] : new[] { $"{BuiltInProgram.Zones}:{corefile}" },
                    .. ProbedPorts(start).Select(port => Word(BuiltInProgram.Tcp, port)),
                ],
                new Dictionary<string, string>(host.Folders) { [NamesFolder] = namesFolder });
    }

    private static IEnumerable<long> ProbedPorts(ContainerStart start) =>
        Probes
            .Select(probe => start.Spec.Map(probe).Map("httpGet").Number("port"))
            .OfType<long>()
            .Distinct();

    private static PodProgram OfBusybox(IReadOnlyList<string> command) =>
        PodProgram.OfSystem([$"{BusyboxFolder}/{Busybox}", .. command.Skip(1)]);

    /// <summary>Provides busybox in every container if this machine has it, because probe scripts call it.</summary>
    private PodProgram WithBusybox(PodProgram program) => _busybox.Value is not { } busybox
        ? program
        : program with
        {
            Folders = new Dictionary<string, string>(program.Folders)
            {
                [BusyboxFolder] = Path.GetDirectoryName(busybox)!,
            },
            Environment = new Dictionary<string, string>(program.Environment)
            {
                ["PATH"] = $"{SearchPath}:{BusyboxFolder}",
            },
        };

    private PodProgram BuiltIn(ContainerStart start)
    {
        var words = new List<string>();
        var behavior = start.Behavior;
        if (behavior.IgnoresTermination)
        {
            words.Add(BuiltInProgram.IgnoreTermination);
        }

        if (behavior.ExitCode is { } code)
        {
            words.Add(Word(BuiltInProgram.Exit, code));
        }
        else if (IsMeantToEnd(start) && !behavior.KeepsRunning)
        {
            words.Add(Word(BuiltInProgram.Exit, 0));
        }
        else
        {
            words.AddRange(Ports(start, "TCP").Select(port => Word(BuiltInProgram.Tcp, port)));
            words.AddRange(Ports(start, "UDP").Select(port => Word(BuiltInProgram.Udp, port)));
        }

        return Run(start, words, host.Folders);
    }

    private PodProgram Run(
        ContainerStart start, IReadOnlyList<string> words, IReadOnlyDictionary<string, string> folders) => new(
        [.. host.Command, BuiltInProgram.Verb, .. words, .. About(start)], folders, ProgramHost.Environment);

    private IEnumerable<string> About(ContainerStart start) => shownLabels
        .Select(label => (Name: label[(label.LastIndexOf('/') + 1)..],
            Value: start.Pod.Text("metadata", "labels", label)))
        .Append((Name: "pod", Value: start.Pod.Text("metadata", "name")))
        .Append((Name: "node", Value: start.Node))
        .Where(pair => pair.Value is not null)
        .Select(pair => $"{BuiltInProgram.About}:{pair.Name}: {pair.Value}");

    /// <summary>The declared ports, and the port in the PORT variable.</summary>
    private static IEnumerable<long> Ports(ContainerStart start, string protocol)
    {
        var declared = start.Spec.Items("ports")
            .Where(port => (port.Text("protocol") ?? "TCP") == protocol)
            .Select(port => port.Number("containerPort") ?? 0);
        return protocol == "TCP" && start.Environment.TryGetValue("PORT", out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var own)
                ? declared.Append(own).Distinct()
                : declared.Distinct();
    }

    private static bool IsMeantToEnd(ContainerStart start)
    {
        var spec = start.Pod.Map("spec");
        var isInit = spec.Items("initContainers").Any(item => item.Text("name") == start.Run.Container);
        return isInit
            ? start.Spec.Text("restartPolicy") != "Always"
            : spec.Text("restartPolicy") is "Never" or "OnFailure";
    }

    private static string Repository(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        var end = name.IndexOfAny([':', '@']);
        return end < 0 ? name : name[..end];
    }

    private static string Word(string name, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}:{number}");
}
