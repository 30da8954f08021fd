using System.Globalization;

namespace Dynospace.Reachability.Compilation;

/// <summary>Ports that a rule admits: a range of numbers, or whatever number the destination pod gives the name.</summary>
internal sealed record CompiledPort(TransportProtocol Protocol, int First, int Last, string? Name)
{
    public static CompiledPort Range(TransportProtocol protocol, int first, int last) => new(protocol, first, last, null);

    public static CompiledPort Named(TransportProtocol protocol, string name) => new(protocol, 0, 0, name);

    public bool Matches(TransportPort port, CompiledPod? destination) =>
        port.Protocol == Protocol
        && (Name is null
            ? port.Number >= First && port.Number <= Last
            : destination is not null && destination.NamedPorts.Contains(new NamedPort(Name, port)));

    public override string ToString()
    {
        var numbers = (First, Last) switch
        {
            _ when Name is not null => Name,
            (TransportPort.Lowest, TransportPort.Highest) => "any",
            var (first, last) when first == last => first.ToString(CultureInfo.InvariantCulture),
            var (first, last) => string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"),
        };
        return $"{Protocol.ToString().ToUpperInvariant()} {numbers}";
    }
}
