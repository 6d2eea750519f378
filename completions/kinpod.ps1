# What PowerShell offers for kinpod: it asks the program itself.

Register-ArgumentCompleter -Native -CommandName 'kinpod' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $elements = @($commandAst.CommandElements)
    $words = @($elements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') {
        # Before 7.3 an empty argument is dropped unless it is quoted once more.
        $words += $(if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' })
    }
    $program = $elements[0].ToString()
    $lines = @(& $program __complete @words 2>$null)
    if ($lines.Count -eq 0) { return }
    $rules = [int]$lines[-1].TrimStart(':')
    # With nothing returned PowerShell offers files itself.
    if (-not ($rules -band 4)) { return }
    $before = if ($wordToComplete -match '^(-[^=]*=)') { $Matches[1] } else { '' }
    $offers = @($lines | Select-Object -SkipLast 1 | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new("$before$value", $value, 'ParameterValue', $about)
    })
    if ($offers.Count -eq 0) { '' } else { $offers }
}
