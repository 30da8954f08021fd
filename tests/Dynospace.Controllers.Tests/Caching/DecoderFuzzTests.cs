using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

/// <summary>
/// What the API server accepts must not throw in a projection: one odd object would be skipped, and so not seen.
/// Members go, become null, empty or another text, and lists grow; names and types that the API server's own schemas
/// demand stay.
/// </summary>
public sealed class DecoderFuzzTests
{
    private const int Rounds = 3_000;

    private static readonly string[] OddTexts =
    [
        "",
        " ",
        "::ffff:203.0.113.77",
        "fe80::1%eth0",
        "10.0.0.010",
        "node.example",
        "2026-13-45T99:99:99Z",
        "-1",
        "1e9",
        "99999999999999999999",
        "\u0000", "ü", "a=b", "a\nb", "None", "[]", "{}", new('x', 70_000),
    ];

    /// <summary>What identifies an object; the API server takes none without.</summary>
    private static readonly string[] Kept = ["name", "namespace", "uid", "resourceVersion", "metadata"];

    public static TheoryData<string> Decoders => [.. Samples.Keys];

    private static Dictionary<string, (Func<JsonElement, object> Decode, string Sample)> Samples { get; } = new()
    {
        ["Pod"] = (PodFacts.Parse, """
            {"metadata":{"name":"p","namespace":"ns","uid":"u","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z",
              "deletionTimestamp":"2026-01-01T00:00:00Z","deletionGracePeriodSeconds":30,
              "labels":{"dynospace.dev/dyno":"shop.web.1","dynospace.dev/release":"1","dynospace.dev/process-type":"web"},
              "annotations":{"dynospace.dev/template-hash":"h"},
              "ownerReferences":[{"apiVersion":"dynospace.dev/v1alpha1","kind":"Dyno","name":"shop.web.1","uid":"d","controller":true}]},
             "spec":{"nodeName":"n","containers":[{"name":"app","image":"i"}]},
             "status":{"phase":"Running","reason":"Evicted","message":"m","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],
              "startTime":"2026-01-01T00:00:00Z",
              "conditions":[{"type":"Ready","status":"True","reason":"r","lastTransitionTime":"2026-01-01T00:00:00Z"}],
              "containerStatuses":[{"name":"app","ready":true,"restartCount":3,
               "state":{"waiting":{"reason":"CrashLoopBackOff","message":"m"},"running":{"startedAt":"2026-01-01T00:00:00Z"}},
               "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","signal":9,"finishedAt":"2026-01-01T00:00:00Z"}}}]}}
            """),
        ["Node"] = (NodeState.Decode, """
            {"metadata":{"name":"n","labels":{"topology.kubernetes.io/region":"oregon"}},"spec":{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24"]},
             "status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"},{"type":"ExternalIP","address":"host.example"}],
              "nodeInfo":{"kubeletVersion":"v1"},"conditions":[{"type":"NetworkUnavailable","reason":"CalicoIsUp"}]}}
            """),
        ["Secret"] = (SecretState.Decode, """
            {"metadata":{"name":"s","namespace":"ns","annotations":{"cert-manager.io/certificate-name":"c"}},
             "type":"Opaque","data":{"a":"YQ==","b":"Yg=="}}
            """),
        ["Service"] = (ServiceState.Decode, """
            {"metadata":{"name":"s","namespace":"ns","uid":"u","resourceVersion":"1",
              "labels":{"app.kubernetes.io/managed-by":"dynospace","app.kubernetes.io/component":"router"},"finalizers":["f"]},
             "spec":{"type":"LoadBalancer","clusterIPs":["10.0.0.1"],"selector":{"a":"b"},"ports":[{"port":80,"targetPort":"http"}]},
             "status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"},{"hostname":"h"}]}}}
            """),
        ["ForeignService"] = (ServiceState.Decode, """
            {"metadata":{"name":"s","namespace":"ns","uid":"u","resourceVersion":"1"},
             "spec":{"clusterIPs":["None"],"selector":{"a":"b"},"ports":[{"port":80}]}}
            """),
        ["DaemonSet"] = (DaemonSetState.Decode, """
            {"metadata":{"name":"node-local-dns","namespace":"kube-system"},
             "spec":{"template":{"spec":{"hostNetwork":true,"initContainers":[{"image":"a"}],
              "containers":[{"image":"i","args":["-localip","169.254.20.10,10.96.0.10"]}]}}}}
            """),
        ["ServiceCidr"] =
            (ServiceCidrState.Decode,
                """{"metadata":{"name":"kubernetes"},"spec":{"cidrs":["10.96.0.0/12","fd00::/112"]}}"""),
        ["NodeNetwork"] =
            (NodeNetworkState.Decode, """
            {"metadata":{"name":"node-1","resourceVersion":"7"},"spec":{"block":"172.24.0.0/23"},
             "status":{"egress":{"holds":["203.0.113.10"],"uses":[{"address":"203.0.113.10","portsInUse":3}],"refused":1}}}
            """),
        ["ApiServer"] = (ApiServerSlice.Decode, """
            {"metadata":{"name":"kubernetes"},"endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}}],"ports":[{"port":6443}]}
            """),
        ["Deployment"] = (DeploymentState.Decode, """
            {"metadata":{"name":"router","namespace":"ns","uid":"u","resourceVersion":"1","generation":2,"labels":{"a":"b"}},
             "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"router","image":"i"}]}}},
             "status":{"observedGeneration":2,"replicas":2,"availableReplicas":1,"updatedReplicas":1,
              "conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"m"}]}}
            """),
        ["Live"] = (element => LiveObject.Decode(Kinds.Service, element), """
            {"metadata":{"name":"s","namespace":"ns","uid":"u","resourceVersion":"1","labels":{"a":"b"},"annotations":{"a":"b"},
              "finalizers":["f"],"managedFields":[{}],"ownerReferences":[{"kind":"K","name":"n","uid":"o","controller":true}]},"spec":{}}
            """),
    };

    [Theory]
    [MemberData(nameof(Decoders))]
    public void What_the_API_server_accepts_does_not_throw(string decoder)
    {
        var (decode, sample) = Samples[decoder];
        decode(JsonDocument.Parse(sample).RootElement);
        for (var round = 0; round < Rounds; round++)
        {
            var odd = JsonNode.Parse(sample)!;
            var random = new Random(round);
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                Mutate(odd, random);
            }

            using var document = JsonDocument.Parse(odd.ToJsonString());
            var thrown = Record.Exception(() => decode(document.RootElement));
            Assert.True(
                thrown is null,
                $"round {round}: "
                + $"{thrown}\n{(odd.ToJsonString() is var text && text.Length > 2_000 ? text[..2_000] : text)}");
        }
    }

    private static void Mutate(JsonNode root, Random random)
    {
        var places = new List<(JsonNode Parent, string? Name, int Index)>();
        Collect(root);
        if (places.Count == 0)
        {
            return;
        }

        var (parent, name, index) = places[random.Next(places.Count)];
        if (parent is JsonObject members)
        {
            switch (random.Next(3))
            {
                case 0:
                    members.Remove(name!);
                    break;
                case 1:
                    // A null member is as good as absent.
                    members[name!] = null;
                    break;
                default:
                    members[name!] = Odd(members[name!], random);
                    break;
            }
        }
        else if (parent is JsonArray items)
        {
            switch (random.Next(3))
            {
                case 0:
                    items.RemoveAt(index);
                    break;
                case 1:
                    items.Add(items[index]?.DeepClone());
                    break;
                default:
                    items[index] = Odd(items[index], random);
                    break;
            }
        }

        void Collect(JsonNode? node)
        {
            if (node is JsonObject found)
            {
                foreach (var (member, value) in found)
                {
                    if (!Kept.Contains(member))
                    {
                        places.Add((found, member, 0));
                    }

                    Collect(value);
                }
            }
            else if (node is JsonArray list)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    places.Add((list, null, i));
                    Collect(list[i]);
                }
            }
        }
    }

    /// <summary>Another value of the same type, which is all that a schema lets through.</summary>
    private static JsonNode? Odd(JsonNode? value, Random random) => value?.GetValueKind() switch
    {
        JsonValueKind.String => OddTexts[random.Next(OddTexts.Length)],
        JsonValueKind.Number => new[] { 0, -1, int.MaxValue, 65_536 }[random.Next(4)],
        JsonValueKind.True => false,
        JsonValueKind.Array => new JsonArray(),
        JsonValueKind.Object => new JsonObject(),
        _ => value?.DeepClone(),
    };
}
