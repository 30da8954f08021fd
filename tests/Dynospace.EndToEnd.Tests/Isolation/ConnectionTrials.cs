using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// Tries each cell of a matrix by a real connection, as far as the cluster and the places beyond it allow.
/// </summary>
internal sealed class ConnectionTrials(
    Platform platform, MatrixWorld world, MatrixEnds ends, IReadOnlyDictionary<string, V1Pod> onNodes)
{
    private readonly List<(MatrixCell Cell, string Reason)> _untried = [];

    /// <summary>Cells that this cluster cannot show, and why.</summary>
    public IReadOnlyList<(MatrixCell Cell, string Reason)> Untried => _untried;

    /// <summary>What was seen of each cell that could be tried.</summary>
    public async Task<IReadOnlyList<(Attempt Attempt, string Seen)>> RunAsync(IReadOnlyList<MatrixCell> cells)
    {
        var answering = await AnsweringAsync(cells);
        var attempts = new List<Attempt>();
        foreach (var cell in cells)
        {
            if (ends.IsOnOwnNode(cell))
            {
                _untried.Add((cell, "the API server runs on the pod's own node, which pods reach with most plugins"));
            }
            else if (ends.TargetAddress(cell) is not { } address)
            {
                _untried.Add((cell, $"the cluster has no {cell.To}"));
            }
            else if (ShellOf(cell) is not { } shell)
            {
                _untried.Add(
                    (cell, $"nobody dials for \"{cell.From}\": name a place of that name in {Places.Variable}"));
            }
            else if (!answering.Contains(cell.Column))
            {
                _untried.Add((cell, $"nothing answers at {address}, not even to those whom no policy restricts"));
            }
            else
            {
                attempts.Add(new(cell, shell, address));
            }
        }

        return await Dialer.DialAsync(attempts, attempt => attempt.Cell.Expected);
    }

    /// <summary>
    /// A refusal shows something only where an answer is to be had: each column is asked for one by those whom no
    /// policy restricts.
    /// </summary>
    private async Task<HashSet<(string, Reachability.TransportPort)>> AnsweringAsync(IReadOnlyList<MatrixCell> cells)
    {
        var columns = cells.DistinctBy(cell => cell.Column).ToList();
        var attempts = columns
            .SelectMany(cell => Unrestricted(cell).Select(shell => (cell, shell)))
            .Where(pair => ends.TargetAddress(pair.cell) is not null)
            .Select(pair => new Attempt(pair.cell, pair.shell, ends.TargetAddress(pair.cell)!))
            .ToList();
        var seen = await Dialer.DialAsync(attempts, attempt => IsOfInterest(attempt.Cell));
        var answering = seen.Where(pair => pair.Seen == "yes").Select(pair => pair.Attempt.Cell.Column).ToHashSet();
        var broken = columns.Where(cell => ends.TargetPod(cell) is not null && !answering.Contains(cell.Column))
            .ToList();
        Assert.True(
            broken.Count == 0,
            $"These pods answer nobody, not even their own nodes: "
            + $"{string.Join(", ", broken.Select(cell => $"{cell.To} on {cell.Port}"))}");
        return answering;
    }

    /// <summary>For a pod its own node, for all else a pod that nobody restricts; either is enough.</summary>
    private IEnumerable<IShell> Unrestricted(MatrixCell cell) =>
        ends.TargetPod(cell) is { } pod ? [OnNode(pod.Spec.NodeName)!] : [InPod(world.Stranger)];

    /// <summary>What may well not be there is asked for once; pods must be.</summary>
    private bool IsOfInterest(MatrixCell cell) => ends.TargetPod(cell) is not null;

    private IShell? ShellOf(MatrixCell cell) =>
        ends.SourcePod(cell) is { } pod ? InPod(pod)
        : Places.Caller(cell.From) is { } place ? new PlaceShell(place)
        : ends.SourceNode(cell) is { } node ? OnNode(node.Metadata.Name)
        : null;

    private IShell InPod(V1Pod pod) => pod.Spec.EphemeralContainers is { Count: > 0 }
        ? new PodShell(platform.Api, new(pod.Metadata.NamespaceProperty, pod.Metadata.Name), Listens: true)
        {
            Container = MatrixRouters.Dialer,
        }
        : world.HasShellPorts && OnNode(pod.Spec.NodeName) is { } node
        ? new ShellThroughNode(node, pod.Status.PodIP)
        : new PodShell(platform.Api, new(pod.Metadata.NamespaceProperty, pod.Metadata.Name), Listens: true);

    private PodShell? OnNode(string node) => onNodes.GetValueOrDefault(node) is { } pod
        ? new(platform.Api, new(pod.Metadata.NamespaceProperty, pod.Metadata.Name), Listens: false)
        : null;
}
