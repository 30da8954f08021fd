using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.ApiServer.Admission;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Defaults;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tests.Admission;

/// <summary>
/// What a real kube-apiserver 1.36 answered to the same writes: the objects it stored, the causes it refused with, and
/// its Pod Security warnings. The golden file was recorded by sending each input with dryRun=All.
/// </summary>
public sealed partial class AdmissionGoldenTests
{
    private static readonly Dictionary<string, JsonObject> Cases = Load();

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Admission_answers_like_the_real_server(string name)
    {
        var recorded = Cases[name];
        var outcome = Admit(recorded);

        Assert.Equal(Expected(recorded), outcome);
    }

    private static Dictionary<string, JsonObject> Load()
    {
        var path = RepositoryFolder.Combine(
            "tests", "DevCluster", "ApiServer.Tests", "Admission", "Golden", "admission.json");
        return JsonNode.Parse(File.ReadAllText(path))!.AsArray()
            .ToDictionary(item => (string)item!["name"]!, item => item!.AsObject());
    }

    private static string Expected(JsonObject recorded)
    {
        if (recorded["causes"] is JsonArray causes)
        {
            return Lines($"{recorded["code"]} {recorded["reason"]}", causes.Select(cause => (string)cause!));
        }

        if (recorded["message"] is { } message)
        {
            return Lines($"{recorded["code"]} {recorded["reason"]}", [(string)message!]);
        }

        var warnings = recorded["warnings"]?.AsArray().Select(warning => (string)warning!) ?? [];
        return Lines(Canonical(recorded["expected"]!.AsObject()), warnings);
    }

    private static string Admit(JsonObject recorded)
    {
        var chain = AdmissionPlugins.Create(TimeProvider.System);
        var registry = Cluster();
        var content = recorded["input"]!.DeepClone().AsObject();
        content["metadata"]!["uid"] = "00000000-0000-0000-0000-000000000000";
        if (recorded["namespace"] is { } ns)
        {
            content["metadata"]!["namespace"] = (string)ns!;
        }

        var context = new AdmissionContext(
            Enum.Parse<AdmissionOperation>((string)recorded["operation"]!),
            new ResourceId((string)recorded["group"]!, (string)recorded["plural"]!),
            null,
            (string?)recorded["namespace"],
            (string?)content["metadata"]!["name"] ?? "",
            content,
            recorded["old"]?.DeepClone().AsObject(),
            DryRun: true,
            registry)
        {
            Definition = BuiltInResources.All.First(definition =>
                definition.Id.Group == (string)recorded["group"]!
                && definition.Id.Plural == (string)recorded["plural"]!),
        };
        try
        {
            BuiltInDefaults.Apply(context.Resource, content);
            foreach (var plugin in chain)
            {
                plugin.Admit(context);
            }
        }
        catch (ApiStatusException refusal)
        {
            return Lines($"{refusal.Code} {refusal.Reason}", CausesOf(refusal));
        }

        content["metadata"]!.AsObject().Remove("uid");
        return Lines(Canonical(content), context.Warnings);
    }

    private static IEnumerable<string> CausesOf(ApiStatusException refusal) =>
        refusal.Code == 422 && refusal.Details?["causes"] is JsonArray causes
            ? causes.Select(cause => $"{cause!["field"]}: {cause["message"]}").Order(StringComparer.Ordinal)
            : [refusal.Message];

    private static ResourceRegistry Cluster()
    {
        var registry = new ResourceRegistry(
            new ResourceCatalog(BuiltInResources.All),
            AdmissionPlugins.Create(TimeProvider.System),
            TimeProvider.System);
        AddNamespace(registry, "demo");
        AddNamespace(registry, "restr", ("enforce", "restricted"), ("warn", "restricted"));
        AddNamespace(registry, "base", ("enforce", "baseline"));
        AddNamespace(registry, "warns", ("warn", "restricted"));
        return registry;
    }

    private static void AddNamespace(
        ResourceRegistry registry, string name, params (string Mode, string Level)[] levels)
    {
        var labels = new JsonObject();
        foreach (var (mode, level) in levels)
        {
            labels[$"pod-security.kubernetes.io/{mode}"] = level;
        }

        var options = new WriteOptions("test");
        registry.Create(
            KnownResources.Namespaces,
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels } },
            options);
        var metadata = new JsonObject { ["name"] = "default", ["namespace"] = name };
        registry.Create(KnownResources.ServiceAccounts, new JsonObject { ["metadata"] = metadata }, options);
    }

    private static string Lines(string head, IEnumerable<string> tail) => string.Join("\n", tail.Prepend(head));

    /// <summary>
    /// Fields in order, without nulls, and with what is allocated or random made the same everywhere.
    /// </summary>
    private static string Canonical(JsonObject content)
    {
        var text = Sort(content)!.ToJsonString(new() { WriteIndented = true });
        text = TokenVolume().Replace(text, "kube-api-access-xxxxx");
        text = NodePort().Replace(text, "\"nodePort\": 30000");
        return Allocated().Replace(text, "\"10.96.0.0\"");
    }

    private static JsonNode? Sort(JsonNode? node) => node switch
    {
        JsonObject map =>
            new JsonObject(
                map.Where(field => field.Value is not null).OrderBy(field => field.Key, StringComparer.Ordinal)
                    .Select(field => KeyValuePair.Create(field.Key, Sort(field.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sort)]),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex("kube-api-access-[a-z0-9]{5}")]
    private static partial Regex TokenVolume();

    [GeneratedRegex("\"nodePort\": [0-9]+")]
    private static partial Regex NodePort();

    [GeneratedRegex("\"10\\.96\\.[01]\\.[0-9]+\"")]
    private static partial Regex Allocated();
}
