using System.Text.Json.Nodes;
using DevCluster.ApiServer.Defaults;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Admission.Quotas;

/// <summary>Amounts of resources by name.</summary>
internal sealed class Amounts : Dictionary<string, Quantity>
{
    public Amounts()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Reads a map such as <c>resources.requests</c>; invalid quantities are ignored.</summary>
    public static Amounts Read(JsonObject? map)
    {
        var amounts = new Amounts();
        foreach (var (name, value) in map ?? [])
        {
            if (Quantity.TryParse(value is JsonValue ? value.ToString() : null, out var quantity))
            {
                amounts[name] = quantity;
            }
        }

        return amounts;
    }

    public void Plus(Amounts more)
    {
        foreach (var (name, quantity) in more)
        {
            this[name] = TryGetValue(name, out var present) ? present + quantity : quantity;
        }
    }

    public void AtLeast(Amounts least)
    {
        foreach (var (name, quantity) in least)
        {
            if (!TryGetValue(name, out var present) || quantity.CompareTo(present) > 0)
            {
                this[name] = quantity;
            }
        }
    }

    public Amounts Only(IEnumerable<string> names)
    {
        var some = new Amounts();
        foreach (var name in names)
        {
            if (TryGetValue(name, out var quantity))
            {
                some[name] = quantity;
            }
        }

        return some;
    }

    public JsonObject ToJson() => new(this.OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value.ToString())));

    /// <summary>The format of messages: <c>limits.cpu=1,pods=2</c>.</summary>
    public override string ToString() => string.Join(
        ',', this.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
}

/// <summary>
/// The effective resources of a pod: the sum of its containers, or the demand of its init phase if that is higher.
/// </summary>
internal static class PodResources
{
    /// <param name="side"><c>requests</c> or <c>limits</c>.</param>
    public static Amounts Total(JsonObject? spec, string side)
    {
        var total = new Amounts();
        foreach (var container in spec.Items("containers"))
        {
            total.Plus(Amounts.Read(container.Map("resources", side)));
        }

        // Init containers run one at a time, next to the sidecars started before them.
        var (staying, starting) = (new Amounts(), new Amounts());
        foreach (var container in spec.Items("initContainers"))
        {
            var own = Amounts.Read(container.Map("resources", side));
            if (container.Text("restartPolicy") == "Always")
            {
                total.Plus(own);
                staying.Plus(own);
                starting.AtLeast(staying);
            }
            else
            {
                own.Plus(staying);
                starting.AtLeast(own);
            }
        }

        total.AtLeast(starting);
        foreach (var (name, quantity) in Amounts.Read(spec.Map("resources", side)))
        {
            if (name is "cpu" or "memory")
            {
                total[name] = quantity;
            }
        }

        return total;
    }
}

/// <summary>The QoS class, by which a node selects the pods to evict first.</summary>
internal static class PodQualityOfService
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Classify(JsonObject? spec)
    {
        var isGuaranteed = true;
        var isBestEffort = true;
        foreach (var container in spec is null ? [] : PodDefaults.Containers(spec))
        {
            foreach (var name in Counted)
            {
                var request = Amount(container, "requests", name);
                var limit = Amount(container, "limits", name);
                isBestEffort &= request is null && limit is null;
                isGuaranteed &= limit is not null && request?.CompareTo(limit.Value) == 0;
            }
        }

        return isBestEffort ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable";
    }

    private static Quantity? Amount(JsonObject container, string side, string name) =>
        Quantity.TryParse(container.Text("resources", side, name), out var amount) && !amount.Nanos.IsZero
            ? amount
            : null;
}
