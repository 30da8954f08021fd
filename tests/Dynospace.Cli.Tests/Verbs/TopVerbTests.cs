using System.Text.Json.Nodes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Xunit;

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>What dynos use, by metrics that a kind stands in for: no metrics-server runs here.</summary>
public sealed class TopVerbTests(LivePlatform platform)
{
    private static readonly ResourceKind Definitions =
        ResourceKind.For<V1CustomResourceDefinition>(isNamespaced: false);

    private static readonly ResourceKind Metrics = new(
        "metrics.k8s.io", "v1beta1", "pods", "PodMetrics", IsNamespaced: true);

    [Fact]
    public async Task Use_is_shown_against_the_limit_of_the_size_and_a_cluster_without_metrics_is_reported()
    {
        using var session = await platform.StartAsync();
        Assert.Contains("serves no metrics of pods", await session.FailAsync("top -a shop"), StringComparison.Ordinal);

        await ServeMetricsAsync();
        var dyno = await session.DynoAsync("shop.web.1", dyno => dyno.Status?.Pod is not null);
        await platform.Transport.CreateAsync(Metrics, Of(session.Space, dyno.Status!.Pod!), new WriteQuery(), Token);

        var text = await session.RunAsync("top -a shop");
        Assert.Matches(@"(?m)^NAME\s+SIZE\s+CPU\s+MEMORY\s+LIMIT\s+USED$", text);
        Assert.Matches(@"(?m)^web\.1\s+Standard-1X\s+13m\s+128Mi\s+512Mi\s+25 %$", text);
        Assert.Matches(@"(?m)^worker\.1\s+Standard-1X\s+-\s+-\s+512Mi\s+-$", text);
        Assert.Contains("shop.web.1", await session.RunAsync("top"), StringComparison.Ordinal);
        var json = JsonNode.Parse(await session.RunAsync("top -a shop -o json"))!;
        Assert.Equal(128 * 1024 * 1024, (long)json[0]!["memoryBytes"]!);
        Assert.Null(json[1]!["cpu"]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task ServeMetricsAsync()
    {
        await platform.Transport.CreateAsync(
            Definitions,
            (JsonObject)JsonNode.Parse("""
                {
                  "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                  "metadata": {
                    "name": "pods.metrics.k8s.io",
                    "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in of a test"}
                  },
                  "spec": {
                    "group": "metrics.k8s.io", "scope": "Namespaced",
                    "names": {"plural": "pods", "singular": "podmetrics", "kind": "PodMetrics"},
                    "versions": [{
                      "name": "v1beta1", "served": true, "storage": true,
                      "schema": {"openAPIV3Schema": {
                        "type": "object", "x-kubernetes-preserve-unknown-fields": true
                      }}
                    }]
                  }
                }
                """)!,
            new WriteQuery(),
            Token);
        for (var isServed = false; !isServed;)
        {
            var definition = await platform.Transport.GetAsync(
                Definitions, ObjectKey.ClusterScoped("pods.metrics.k8s.io"), Token);
            isServed = definition.ToString().Contains("\"Established\"", StringComparison.Ordinal);
            await Task.Yield();
        }
    }

    private static JsonObject Of(string ns, string pod) => new()
    {
        ["apiVersion"] = "metrics.k8s.io/v1beta1",
        ["kind"] = "PodMetrics",
        ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = ns },
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "dyno",
            ["usage"] = new JsonObject { ["cpu"] = "12345678n", ["memory"] = "131072Ki" },
        }),
    };
}
