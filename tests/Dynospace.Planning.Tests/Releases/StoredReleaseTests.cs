using System.Text.Json;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Tests.Releases;

/// <summary>
/// Releases that earlier operators stored: readable, hashed to the same value, and still what their dynos run.
/// </summary>
public sealed class StoredReleaseTests
{
    private static readonly Dictionary<string, JsonElement> Stored = Read("stored-by-0.1.0.json");

    public static TheoryData<string> Cases => [.. Stored.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_upgrade_makes_no_release(string name)
    {
        var plan = AppPlanner.Plan(Observed(Stored[name]), Sample.Options);

        Assert.Null(plan.Problem);
        Assert.Null(plan.Release);
        Assert.Equal(1, plan.WantedRelease);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_upgrade_restarts_no_dyno(string name)
    {
        var observed = Observed(Stored[name]);
        foreach (var hash in Stored[name].GetProperty("templateHashes").EnumerateObject())
        {
            var dyno = DynoNamed(hash.Name, observed.App);
            var pod = RunningPod(dyno, hash.Value.GetString()!);

            var plan = DynoPlanner.Plan(
                new()
                {
                    Dyno = dyno,
                    App = observed.App,
                    Space = observed.Space,
                    Releases = observed.Releases,
                    Pods = [pod],
                },
                Sample.Options);

            Assert.Equal(pod, plan.CurrentPod);
            Assert.Null(plan.Pod);
            Assert.Empty(plan.Children.Deleted<V1Pod>());
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_stored_value_is_read_back(string name)
    {
        var observed = Observed(Stored[name]);

        var draft = ReleaseRecord.FromSpec(observed.App.Spec, observed.Secrets.ToDictionary(secret => secret.Name));

        Assert.Equivalent(draft with { Number = 1 }, Assert.Single(observed.Releases), strict: true);
    }

    private static Dictionary<string, JsonElement> Read(string file)
    {
        using var document = JsonDocument.Parse(
            File.ReadAllText(RepositoryFolder.Combine("tests", "Dynospace.Planning.Tests", "Releases", file)));
        return document.RootElement.EnumerateArray()
            .ToDictionary(sample => sample.GetProperty("case").GetString()!, sample => sample.Clone());
    }

    private static ObservedApp Observed(JsonElement sample)
    {
        var app = KubernetesJson.Deserialize<App>(sample.GetProperty("app").GetRawText());
        app.Status = new() { Release = 1 };
        var revision = KubernetesJson.Deserialize<V1ControllerRevision>(sample.GetProperty("revision").GetRawText());
        return Sample.Observed(app) with
        {
            Releases = [ReleaseRecord.FromRevision(revision)!],
            Secrets =
            [
                .. sample.GetProperty("secrets")
                    .EnumerateObject()
                    .Select(secret => new SecretDigest(secret.Name, secret.Value.GetString()!)),
            ],
        };
    }

    private static Dyno DynoNamed(string name, App app)
    {
        var type = name.Split('.')[1];
        var dyno = Sample.Dyno(app, type, 1);
        dyno.Spec.Size = app.Spec.Processes!.FirstOrDefault(process => process.Type == type)?.Size ?? DynoSizes.Default;
        return dyno;
    }

    private static PodFacts RunningPod(Dyno dyno, string templateHash) => new()
    {
        Namespace = dyno.Metadata.NamespaceProperty,
        Name = "running",
        Uid = "uid-pod",
        OwnerUid = dyno.Metadata.Uid,
        Dyno = dyno.Metadata.Name,
        TemplateHash = templateHash,
        Release = 1,
        Phase = PodPhase.Running,
        IsReady = true,
    };
}
