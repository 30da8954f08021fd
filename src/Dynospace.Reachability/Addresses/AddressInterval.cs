namespace Dynospace.Reachability.Addresses;

/// <summary>All numbers from First to Last, both included.</summary>
internal readonly record struct AddressInterval(UInt128 First, UInt128 Last);
