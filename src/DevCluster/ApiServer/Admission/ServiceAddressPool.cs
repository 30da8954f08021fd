using System.Net;
using System.Net.Sockets;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// The cluster IPs of Services, 10.96.0.0/16. Only the registry determines whether an address is in use, so an address
/// is free as soon as its Service is gone. This pool only remembers where to look first.
/// </summary>
internal sealed class ServiceAddressPool
{
    private const int First = 256;
    private const int Size = 65536;

    private readonly Dictionary<string, (string Namespace, string Name)> _holders = new(StringComparer.Ordinal);
    private int _cursor = First;

    /// <summary>Claims a specific address; returns the reason if it is not available.</summary>
    public string? Claim(string address, AdmissionContext context)
    {
        var isOurs = IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork
            && parsed.GetAddressBytes() is [10, 96, ..];
        if (!isOurs)
        {
            return $"the provided IP ({address}) is not in the valid range. The range of valid IPs is 10.96.0.0/16";
        }

        if (IsHeld(address, context))
        {
            return "provided IP is already allocated";
        }

        Remember(address, context);
        return null;
    }

    /// <summary>Returns the next free address; the first 256 are reserved for Services that request one.</summary>
    public string? Next(AdmissionContext context)
    {
        for (var tried = First; tried < Size; tried++)
        {
            _cursor = _cursor >= Size - 2 ? First : _cursor + 1;
            var address = $"10.96.{_cursor >> 8}.{_cursor & 255}";
            if (!IsHeld(address, context))
            {
                Remember(address, context);
                return address;
            }
        }

        return null;
    }

    private bool IsHeld(string address, AdmissionContext context) =>
        _holders.TryGetValue(address, out var holder)
        && holder != (context.Namespace, context.Name)
        && context.Registry.Get(
            KnownResources.Services, holder.Namespace, holder.Name)?.Content.Text("spec", "clusterIP") == address;

    private void Remember(string address, AdmissionContext context)
    {
        if (!context.DryRun)
        {
            _holders[address] = (context.Namespace ?? "", context.Name);
        }
    }
}
