using System.Net;
using System.Net.Sockets;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// The addresses of services, 10.96.0.0/16. Who holds one is looked up where it counts, in the registry; what is
/// remembered here is only where to look first, so an address is free again as soon as its service is gone.
/// </summary>
internal sealed class ServiceAddressPool
{
    private const int First = 256;
    private const int Size = 65536;

    private readonly Dictionary<string, (string Namespace, string Name)> _holders = new(StringComparer.Ordinal);
    private int _cursor = First;

    /// <summary>Takes a certain address; the reason if that cannot be.</summary>
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

    /// <summary>Takes the next free address; the first 256 stay for those who ask for a certain one.</summary>
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
