using System.Text.RegularExpressions;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Planning.Policies;
using Dynospace.Reachability;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using k8s;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>The evaluator, asked about a cell by the objects that the cluster's API shows.</summary>
internal sealed partial class MatrixJudge
{
    private readonly ReachabilityEvaluator _evaluator;
    private readonly MatrixEnds _ends;
    private readonly HashSet<string> _fences;

    private MatrixJudge(IReadOnlyCollection<IKubernetesObject> objects, MatrixEnds ends) =>
        (_evaluator, _ends, _fences) = (
            new(ClusterSnapshot.From(objects)), ends, [
                .. objects.OfType<V1NetworkPolicy>()
                    .Select(policy => $"{policy.Metadata.NamespaceProperty}/{policy.Metadata.Name}"),
            ]);

    /// <summary>
    /// Reads the objects anew: what the tests follow by watches may lag behind for one kind and not for another.
    /// </summary>
    public static async Task<MatrixJudge> ReadAsync(ApiClient api, MatrixEnds ends)
    {
        var token = TestContext.Current.CancellationToken;
        List<IKubernetesObject> objects = [.. ends.Nodes];
        objects.AddRange(await api.ListAsync<V1Namespace>(Kinds.Namespace, token));
        objects.AddRange(await api.ListAsync<V1NetworkPolicy>(Kinds.Policy, token));
        objects.AddRange((await api.ListAsync<V1Pod>(Kinds.Pod, token)).Select(WithBothFamilies));
        return new(objects, ends);
    }

    /// <summary>The verdict; null where the cluster lacks one of the ends.</summary>
    public Verdict? Judge(MatrixCell cell) =>
        _ends.Source(cell) is { } source && _ends.Target(cell) is { } target
            ? _evaluator.Evaluate(source, target, cell.Port)
            : null;

    /// <summary>
    /// Whether the verdict is the cell's, and by the same policies but for those of routers which the cluster has not.
    /// </summary>
    public bool Agrees(Verdict verdict, MatrixCell cell, string basis) =>
        verdict.Allowed == cell.Expected
        && (verdict.Basis == basis
            || verdict.Basis == basis.Replace($", {PolicyNames.PublicRouters}", "", StringComparison.Ordinal)
            || FenceNames().Matches(basis).Any(name => !_fences.Contains(name.Value)));

    [GeneratedRegex(Bystanders.System + "/router-[-a-z0-9]+")]
    private static partial Regex FenceNames();

    /// <summary>
    /// Policies speak of IPv6 on every cluster; where pods have no such address they get one here, so that it is judged
    /// too.
    /// </summary>
    private static V1Pod WithBothFamilies(V1Pod pod, int number)
    {
        if (pod.Status?.PodIPs is { Count: 1 } addresses && pod.Spec.HostNetwork != true)
        {
            addresses.Add(new() { Ip = $"fd00:10:244:1::{number + 1:x}" });
        }

        return pod;
    }
}
