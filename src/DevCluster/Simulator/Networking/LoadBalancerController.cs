using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Networking;

/// <summary>
/// Assigns every Service of type LoadBalancer an address, as a cloud would, from the unassigned benchmarking range (RFC
/// 2544). Nothing answers there.
/// </summary>
internal sealed class LoadBalancerController(ControlPlaneContext cluster) : IController
{
    private const int Addresses = 1 << 17;

    private readonly ClusterWriter _writer = cluster.WriterFor("cloud-controller-manager");
    private readonly DueSet<ObjectKey> _due = new();
    private readonly Dictionary<string, int> _given = [];
    private readonly HashSet<int> _used = [];
    private int _cursor;

    public void Observe(ObjectChange change)
    {
        if (change.Object.Resource != KnownResources.Services)
        {
            return;
        }

        if (change.Type == ChangeType.Deleted)
        {
            Release(change.Object.Uid);
        }
        else
        {
            _due.Add(ObjectKey.FromObject(change.Object));
        }
    }

    public bool Work() => _due.Drain(Sync);

    private void Sync(ObjectKey key)
    {
        if (cluster.View.Get(KnownResources.Services, key) is not { } service)
        {
            return;
        }

        var wanted = service.Content.Text("spec", "type") == "LoadBalancer" ? AddressOf(service.Uid) : null;
        if (wanted is null)
        {
            Release(service.Uid);
        }

        var status = wanted is null
            ? []
            : new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = wanted, ["ipMode"] = "VIP" }) };
        if (!(service.Content.Map("status", "loadBalancer") ?? []).SameAs(status))
        {
            _writer.Update(service, content => content.Ensure("status")["loadBalancer"] = status, "status");
        }
    }

    private string? AddressOf(string uid)
    {
        if (!_given.TryGetValue(uid, out var number))
        {
            if (_used.Count == Addresses - 1)
            {
                return null;
            }

            do
            {
                _cursor = (_cursor + 1) % Addresses;
            }
            while (_cursor == 0 || !_used.Add(_cursor));

            _given[uid] = number = _cursor;
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"198.{18 + (number >> 16)}.{(number >> 8) & 255}.{number & 255}");
    }

    private void Release(string uid)
    {
        if (_given.Remove(uid, out var number))
        {
            _used.Remove(number);
        }
    }
}
