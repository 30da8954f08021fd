namespace Dynospace.Reachability;

/// <summary>Numbers what decided, in reading order of the table.</summary>
internal sealed class MatrixLegend
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _bases = [];

    public IReadOnlyList<string> Bases => _bases;

    public int NumberOf(string basis)
    {
        if (!_numbers.TryGetValue(basis, out var number))
        {
            _bases.Add(basis);
            number = _bases.Count;
            _numbers.Add(basis, number);
        }

        return number;
    }
}
