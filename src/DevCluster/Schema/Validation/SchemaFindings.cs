using DevCluster.Schema.Errors;

namespace DevCluster.Schema.Validation;

/// <summary>
/// What checking a value against a schema came to. Of the branches of an anyOf or oneOf that all fail, the one with
/// most passed checks is the one whose errors are shown. Most values have none, so nothing is allocated before the
/// first.
/// </summary>
/// <param name="isOfBranch">Whether these are a branch's, so that every passed check has to be counted.</param>
internal sealed class SchemaFindings(bool isOfBranch = false)
{
    private List<FieldError>? _errors;

    public IReadOnlyList<FieldError> Errors => _errors ?? [];

    public int Count => _errors?.Count ?? 0;

    public bool IsOfBranch => isOfBranch;

    public int Matches { get; private set; }

    public bool IsValid => Count == 0;

    public void Match() => Matches++;

    /// <summary>What is known already is not said twice.</summary>
    public void Add(FieldError error)
    {
        _errors ??= [];
        if (!_errors.Contains(error))
        {
            _errors.Add(error);
        }
    }

    public void Merge(SchemaFindings other)
    {
        Matches += other.Matches;
        foreach (var error in other.Errors)
        {
            Add(error);
        }
    }

    /// <summary>Drops all errors but the first ones; the passed checks still count.</summary>
    public void Tolerate(int kept) => _errors?.RemoveRange(kept, _errors.Count - kept);
}
