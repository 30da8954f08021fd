using System.Text.Json.Nodes;
using CsCheck;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Networking;

namespace DevCluster.Simulator.Tests.ControlPlane;

/// <summary>The indexes find what a look at every object would find.</summary>
public sealed class SelectorIndexTests
{
    private static readonly Gen<JsonObject> Labels =
        Gen.Dictionary(
            Gen.Char["abc"].Select(c => c.ToString()), Gen.Char["12"].Select(c => c.ToString()))[0, 3].Select(ToJson);

    [Fact]
    public void A_pod_finds_the_services_that_select_it() =>
        Gen.Select(Labels.Array[0, 12], Labels).Sample((selectors, pod) =>
        {
            var index = new SelectorIndex();
            for (var i = 0; i < selectors.Length; i++)
            {
                index.Put(Object(KnownResources.Services, $"s{i}", labels: null, selectors[i]));
            }

            index.Put(Object(KnownResources.Services, "s0", labels: null, selectors.Length > 1 ? selectors[1] : []));
            index.Remove(new ObjectKey("ns", "s2"));
            var expected = Enumerable.Range(0, Math.Max(selectors.Length, 1))
                .Where(i => i != 2)
                .Select(i => (Name: $"s{i}", Selector: i == 0 ? selectors.ElementAtOrDefault(1) ?? [] : selectors[i]))
                .Where(service => service.Selector.Count > 0 && LabelSelector.MapSelects(service.Selector, pod))
                .Select(service => service.Name)
                .Order(StringComparer.Ordinal);

            Assert.Equal(
                expected, index.Selecting("ns", pod).Select(key => key.Name).Distinct().Order(StringComparer.Ordinal));
            Assert.Empty(index.Selecting("other", pod));
        });

    [Fact]
    public void A_selector_finds_the_pods_that_carry_its_labels() =>
        Gen.Select(Labels.Array[0, 12], Labels).Sample((pods, selector) =>
        {
            var view = new ClusterView();
            var objects = pods.Select((labels, i) => Object(KnownResources.Pods, $"p{i}", labels, selector: null))
                .ToList();
            objects.ForEach(pod => view.Apply(new ObjectChange(ChangeType.Added, pod, null)));
            if (objects.Count > 0)
            {
                view.Apply(new ObjectChange(ChangeType.Deleted, objects[0], objects[0]));
            }

            var expected = pods.Select((labels, i) => (Name: $"p{i}", Labels: labels)).Skip(1)
                .Where(pod => selector.Count > 0 && LabelSelector.MapSelects(selector, pod.Labels))
                .Select(pod => pod.Name).Order(StringComparer.Ordinal);

            Assert.Equal(expected, view.PodsWith("ns", selector).Select(pod => pod.Name).Order(StringComparer.Ordinal));
        });

    private static JsonObject ToJson(IDictionary<string, string> labels) =>
        new(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));

    private static StoredObject Object(ResourceId resource, string name, JsonObject? labels, JsonObject? selector) =>
        new(resource, 1, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["namespace"] = "ns",
                ["name"] = name,
                ["uid"] = name,
                ["labels"] = labels?.DeepClone(),
            },
            ["spec"] = new JsonObject { ["selector"] = selector?.DeepClone() },
        });
}
